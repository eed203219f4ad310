/** Three modules that publish and react, with a table that shows every effect a reaction had. */
import { randomUUID } from "node:crypto";
import type { Database, TenantDb } from "@tessera/database";
import { defineEvent, type EventEnvelope } from "@tessera/shared-types";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Bus, EventsOptions, Origin, Subscription } from "../../src/index.js";
import {
  type Events,
  openBus,
  openEvents,
  prepareEvents,
  type Reaction,
  type RunReactions,
  react,
} from "../../src/index.js";
import type { ReactionOptions } from "../../src/reaction.js";
import { connectDatabase, createDatabase, modules } from "./database.js";

export const counted = defineEvent("test.counted", 1, z.object({ n: z.number().int() }));
export const countedV2 = defineEvent("test.counted", 2, z.object({ n: z.number().int(), unit: z.string() }));
export const noted = defineEvent("test.noted", 1, z.object({ text: z.string() }));

export const tenantA = "0190a000-0000-7000-8000-00000000000a";
export const tenantB = "0190a000-0000-7000-8000-00000000000b";

/** What a reaction of these tests gets: the transaction it runs in. */
export interface Joined {
  readonly db: TenantDb;
  publish<P>(contract: Parameters<typeof react<P>>[0], aggregateId: string, payload: P): void;
}
export type CountedHandler = (context: Joined, n: number, event: EventEnvelope<{ n: number }>) => Promise<void>;

export interface PublishOptions {
  readonly tenantId?: string;
  readonly holdMs?: number;
  /** Called when everything is written and before the commit, which waits for it. */
  readonly hold?: () => Promise<void>;
}

export interface World {
  readonly database: Database;
  readonly bus: Bus;
  readonly events: Events;
  publish(aggregateId: string, n: number, options?: PublishOptions): Promise<void>;
  react(module: string, reactions: readonly Reaction<Joined>[]): Subscription;
  /** Writes `n` into the effects table, after `before` had its chance to fail. */
  counting(module: string, before?: CountedHandler, options?: ReactionOptions): Subscription;
  /** `n` of the effects in the order they happened. */
  effects(module: string, aggregateId?: string): Promise<number[]>;
  close(): Promise<void>;
}

export interface WorldOptions extends Partial<Pick<EventsOptions, "retry" | "liveBuffer" | "log">> {
  readonly redisUrl?: string | undefined;
  readonly kafkaBrokers?: string | undefined;
  /** Joins the world of another process instead of making one. */
  readonly databaseUrl?: string;
}

export const originOf = (tenantId: string | null, module = "ledger"): Origin => ({
  module,
  tenantId,
  actorId: null,
  correlationId: "test",
  causationId: null,
});

export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const { databaseUrl, redisUrl, kafkaBrokers, ...rest } = options;
  const database = databaseUrl ? await connectDatabase(databaseUrl) : await createDatabase();
  if (!databaseUrl) await prepareWorld(database);
  const bus = await openBus({ database, redisUrl, kafkaBrokers });
  const events = openEvents({ database, bus, retry: { baseMs: 20, capMs: 200, attempts: 4 }, ...rest });
  const run = hostOf(database, events);

  return {
    database,
    bus,
    events,
    publish: (aggregateId, n, { tenantId = tenantA, holdMs = 0, hold } = {}) =>
      database.forModule("ledger").transaction({ tenantId }, async (db) => {
        const outbox = events.outbox(originOf(tenantId));
        outbox.publish(counted, { aggregateId, payload: { n } });
        await outbox.flush(db);
        // The aggregate's lock is held from the flush to the commit, so this numbers the commits of one aggregate.
        await db.execute(sql`insert into committed (aggregate, n) values (${aggregateId}, ${n})`);
        if (holdMs > 0) await db.execute(sql`select pg_sleep(${holdMs / 1000}::float8)`);
        await hold?.();
      }),
    react: (module, reactions) => events.startReactions(module, reactions, run),
    counting: (module, before, options) => events.startReactions(module, [countInto(module, before, options)], run),
    effects: async (module, aggregateId) => {
      const rows = await database.admin<{ n: number }[]>`
        select n from effects where module = ${module}
          and (${aggregateId ?? null}::text is null or aggregate = ${aggregateId ?? null}) order by id`;
      return rows.map(({ n }) => n);
    },
    close: async () => {
      await events.close();
      await bus.close();
      await database.close();
    },
  };
}

async function prepareWorld(database: Database): Promise<void> {
  await prepareEvents(database, modules);
  await database.admin.unsafe(`
    create table effects (id bigint generated always as identity, module text, aggregate text, n int, event_id uuid);
    create table committed (id bigint generated always as identity, aggregate text, n int);
    grant insert on effects, committed to public;
  `);
}

function countInto(module: string, before?: CountedHandler, options?: ReactionOptions): Reaction<Joined> {
  const count = async (context: Joined, { n }: { n: number }, event: EventEnvelope<{ n: number }>): Promise<void> => {
    await context.db.execute(sql`
      insert into effects (module, aggregate, n, event_id) values (${module}, ${event.aggregateId}, ${n}, ${event.id})`);
    await before?.(context, n, event);
  };
  return react(counted, count, options) as Reaction<Joined>;
}

/** Hosts reactions the way the subgraph package does. */
function hostOf(database: Database, events: Events): RunReactions<Joined> {
  return async ({ module, tenantId, signal, mark }) => {
    await database.forModule(module).transaction({ tenantId, signal }, async (db) => {
      const outbox = events.outbox(originOf(tenantId, module));
      for (const {
        events: [event, second],
        handle,
      } of await mark(db)) {
        const own = outbox.as({ causationId: second ? null : event.id });
        await handle({
          db,
          publish: (contract, aggregateId, payload) => own.publish(contract, { aggregateId, payload }),
        });
      }
      outbox.flush(db).catch(() => {});
    });
  };
}

/** The envelope a publisher would have written, to be put on the bus by hand. */
export function envelopeOf(changes: Partial<EventEnvelope> = {}): EventEnvelope {
  return {
    id: randomUUID(),
    type: counted.type,
    version: 1,
    tenantId: tenantA,
    aggregateId: "a",
    source: "ledger",
    occurredAt: new Date().toISOString(),
    actorId: null,
    correlationId: "test",
    causationId: null,
    payload: { n: 1 },
    ...changes,
  };
}

/** As if the relay had seen it in the outbox (again). */
export async function deliver(world: World, event: EventEnvelope): Promise<void> {
  await world.database.admin`insert into kernel.outbox (event) values (${JSON.stringify(event)}::text::json)`;
  await world.database.admin`select pg_notify('tessera_outbox', '')`;
}

export async function until(what: string, holds: () => Promise<boolean> | boolean, withinMs = 20_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`It did not happen within ${withinMs} ms that ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}
