/** Outbox, relay, bus and reactions as a module has them; the host of the reactions is the one of `@tessera/subgraph`. */
import { newId, openDatabase } from "@tessera/database";
import { openBus, openEvents, prepareEvents, react, reactTogether } from "@tessera/events";
import { defineEvent } from "@tessera/shared-types";
import { startReactions } from "@tessera/subgraph";
import { sql } from "drizzle-orm";
import { z } from "zod";
import { batchesOf, payloadOf, prepareTables, tenantOf } from "../src/world.mjs";

const payload = z.object({ n: z.int(), id: z.uuid(), key: z.string(), amount: z.int(), note: z.string() });
const happened = defineEvent("bench.thing.happened", 1, payload);
const raw = "bench.thing.carried";
const modules = ["bench-source", "bench-ledger", "bench-replay"].map((name) => ({
  name,
  migrations: new URL(`./no-migrations/${name}/`, import.meta.url),
  tables: {},
}));

export async function open({ databaseUrl, redisUrl, kafkaBrokers, together }) {
  const database = await openDatabase({ url: databaseUrl, maxWaiting: 5_000 });
  await database.migrate(modules);
  await prepareEvents(database, modules);
  await prepareTables(database.admin);
  const bus = await openBus({ database, redisUrl, kafkaBrokers });
  const log = { info() {}, warn: (facts) => console.error(facts.err), error: (facts) => console.error(facts.err) };
  const events = openEvents({ database, bus, log });
  const runtime = { database, events, announcesReactions: false };
  const parts = { database, bus, events };
  const consume = (name, onReaction) =>
    startReactions({ name, reactions: [reaction(name, onReaction, together)] }, runtime);
  return {
    publish: (n) => publish(parts, n),
    commitMany: (from, count) => commitMany(parts, from, count, happened.type),
    consume: async (onReaction) => {
      const all = [events.startRelay(), consume("bench-ledger", onReaction)];
      return { close: () => Promise.all(all.map((one) => one.close())) };
    },
    append: (from, count) => append(parts, from, count),
    drain: async (onEvent) => bus.consume("bench-drain", [raw], async () => onEvent()),
    replay: async (onReaction) => consume("bench-replay", onReaction),
    close: async () => {
      await events.close();
      await bus.close();
      await database.close();
    },
  };
}

function reaction(consumer, onReaction, together) {
  const effect = ({ id, payload: { key, n } }) => sql`(${consumer}, ${id}::uuid, ${key}, ${n}::int)`;
  const write = (context, events) =>
    context.transaction((tx) =>
      tx.execute(
        sql`insert into bench.effect (consumer, event_id, key, n) values ${sql.join(events.map(effect), sql`, `)}`,
      ),
    );
  if (!together) {
    return react(happened, async (context, { n }, event) => {
      onReaction(n);
      await write(context, [event]);
    });
  }
  return reactTogether(happened, async (context, events) => {
    for (const { payload } of events) onReaction(payload.n);
    await write(context, events);
  });
}

function publish({ database, events }, n) {
  const tenantId = tenantOf(n);
  const payload = payloadOf(n);
  return database.forModule("bench-source").transaction({ tenantId }, async (db) => {
    await db.execute(sql`insert into bench.source (event) values (${JSON.stringify(payload)}::text::json)`);
    const origin = { module: "bench-source", tenantId, actorId: null, correlationId: "bench", causationId: null };
    const outbox = events.outbox(origin);
    outbox.publish(happened, { aggregateId: payload.key, payload });
    outbox.flush(db).catch(() => {});
  });
}

function envelope(n, type) {
  const payload = payloadOf(n);
  return {
    ...{ id: newId(), type, version: 1, tenantId: tenantOf(n), aggregateId: payload.key, source: "bench-source" },
    ...{ occurredAt: new Date().toISOString(), actorId: null, correlationId: "bench", causationId: null, payload },
  };
}

/** As if so many transactions had committed. */
async function commitMany({ database }, from, count, type) {
  for (let start = 0; start < count; start += 5_000) {
    const length = Math.min(5_000, count - start);
    const rows = JSON.stringify(Array.from({ length }, (_, index) => envelope(from + start + index, type)));
    await database.admin`
      insert into kernel.outbox (event) select event from json_array_elements(${rows}::text::json) event`;
    await database.admin`select pg_notify('tessera_outbox', '')`;
  }
}

/**
 * The bus alone, in the relay's batches: everything is ready, and the function that is given back carries it. PostgreSQL
 * takes events from the outbox itself, so there it is relay and bus.
 */
async function append({ database, bus, events }, from, count) {
  if (!bus.moveOutbox) {
    const batches = batchesOf(count, (index) => envelope(from + index, raw));
    return async () => {
      for (const batch of batches) await bus.append(batch);
    };
  }
  await commitMany({ database }, from, count, raw);
  return async () => {
    const relay = events.startRelay();
    while ((await database.admin`select 1 from kernel.outbox limit 1`).length > 0) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await relay.close();
  };
}
