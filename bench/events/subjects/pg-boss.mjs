/** pg-boss: jobs are rows of the publisher's own transaction; each worker fetches a batch twice a second, no oftener. */
import { batchesOf, connect, connectionOf, payloadOf, prepareTables } from "../src/world.mjs";

const [workers, batchSize] = [5, 500];

export async function open({ databaseUrl, load }) {
  const { default: PgBoss } = await load("pg-boss");
  const sql = connect(databaseUrl);
  await prepareTables(sql);
  const boss = new PgBoss({ ...connectionOf(databaseUrl), max: 10, schedule: false });
  boss.on("error", (error) => console.error(error));
  await boss.start();
  await boss.createQueue("ledger");
  await boss.createQueue("raw");
  const ready = (name, from, count) => {
    const batches = batchesOf(count, (index) => ({ name, data: payloadOf(from + index) }));
    return async () => {
      for (const batch of batches) await boss.insert(batch);
    };
  };
  const work = async (name, handle) => {
    const ids = [];
    const options = { batchSize, pollingIntervalSeconds: 0.5 };
    for (let worker = 0; worker < workers; worker++) ids.push(await boss.work(name, options, handle));
    return { close: () => boss.offWork(name) };
  };
  return {
    publish: (n) =>
      sql.begin(async (tx) => {
        const data = payloadOf(n);
        await tx`insert into bench.source (event, carried) values (${tx.json(data)}, true)`;
        const known = (values) => values.map((value) => value ?? null);
        const db = { executeSql: async (text, values) => ({ rows: await tx.unsafe(text, known(values)) }) };
        await boss.send("ledger", data, { db });
      }),
    commitMany: (from, count) => ready("ledger", from, count)(),
    consume: (onReaction) => work("ledger", (jobs) => handle(sql, jobs, onReaction)),
    append: async (from, count) => ready("raw", from, count),
    drain: (onEvent) => work("raw", async (jobs) => jobs.forEach(onEvent)),
    replay: null,
    close: async () => {
      await boss.stop({ graceful: false });
      await sql.end();
    },
  };
}

async function handle(sql, jobs, onReaction) {
  const rows = JSON.stringify(jobs.map(({ data: { id, key, n } }) => ({ id, key, n })));
  await sql.begin(async (tx) => {
    const marked = await tx`
      insert into bench.seen (consumer, event_id)
      select 'bench-ledger', (row->>'id')::uuid from json_array_elements(${rows}::text::json) row
      on conflict do nothing returning event_id`;
    const ids = marked.map(({ event_id }) => event_id);
    for (const { data } of jobs) onReaction(data.n);
    await tx`
      insert into bench.effect (consumer, event_id, key, n)
      select 'bench-ledger', (row->>'id')::uuid, row->>'key', (row->>'n')::int
      from json_array_elements(${rows}::text::json) row where (row->>'id')::uuid = any (${ids}::uuid[])`;
  });
}
