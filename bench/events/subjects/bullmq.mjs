/**
 * BullMQ. It has no outbox: what was committed and not yet added is lost with the process, unless somebody writes one. For
 * "end to end" it is given a simple one, rows in PostgreSQL that are added in bulk.
 */
import { batchesOf, connect, payloadOf, prepareTables } from "../src/world.mjs";

const concurrency = 10;

export async function open({ databaseUrl, redisUrl, load }) {
  const { Queue, Worker } = await load("bullmq");
  const { Redis } = await load("ioredis");
  const sql = connect(databaseUrl);
  await prepareTables(sql);
  const connection = () => new Redis(redisUrl, { maxRetriesPerRequest: null });
  const options = { removeOnComplete: true };
  const queues = new Map();
  const queue = (name) => {
    if (!queues.has(name)) queues.set(name, new Queue(name, { connection: connection() }));
    return queues.get(name);
  };
  const add = (name, payloads) => queue(name).addBulk(payloads.map((data) => ({ name: "event", data, opts: options })));
  const work = async (name, handle, size) => {
    const worker = new Worker(name, handle, { connection: connection(), concurrency: size });
    await worker.waitUntilReady();
    return worker;
  };
  return {
    publish: async (n) => {
      const data = payloadOf(n);
      await sql.begin((tx) => tx`insert into bench.source (event, carried) values (${tx.json(data)}, true)`);
      await queue("ledger").add("event", data, options);
    },
    commitMany: async (from, count) => {
      const rows = JSON.stringify(Array.from({ length: count }, (_, index) => payloadOf(from + index)));
      await sql`insert into bench.source (event) select event from json_array_elements(${rows}::text::json) event`;
    },
    consume: async (onReaction) => {
      const carrying = carry(sql, (payloads) => add("ledger", payloads));
      const worker = await work("ledger", ({ data }) => handle(sql, data, onReaction), concurrency);
      return { close: () => Promise.all([carrying.close(), worker.close()]) };
    },
    append: async (from, count) => {
      const batches = batchesOf(count, (index) => payloadOf(from + index));
      return async () => {
        for (const batch of batches) await add("raw", batch);
      };
    },
    drain: (onEvent) => work("raw", async () => onEvent(), 100),
    replay: null,
    close: async () => {
      await Promise.all([...queues.values()].map((one) => one.close()));
      await sql.end();
    },
  };
}

async function handle(sql, { id, key, n }, onReaction) {
  await sql.begin(async (tx) => {
    const marked = await tx`
      insert into bench.seen (consumer, event_id) values ('bench-ledger', ${id}) on conflict do nothing returning 1`;
    if (marked.length === 0) return;
    onReaction(n);
    await tx`insert into bench.effect (consumer, event_id, key, n) values ('bench-ledger', ${id}, ${key}, ${n})`;
  });
}

function carry(sql, add) {
  let closed = false;
  const loop = async () => {
    while (!closed) {
      const rows = await sql`select n, event from bench.source where not carried order by n limit 500`;
      if (rows.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      else {
        await add(rows.map(({ event }) => event));
        await sql`update bench.source set carried = true where n = any (${rows.map(({ n }) => n)}::bigint[])`;
      }
    }
  };
  const running = loop();
  return {
    close: () => {
      closed = true;
      return running;
    },
  };
}
