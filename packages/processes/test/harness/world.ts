/** Processes of two modules on a throw-away database; effects go into one table that every module may write. */
import { type Database, type ModuleTables, openDatabase, type TenantDb } from "@tessera/database";
import { createTestDatabase } from "@tessera/database/testing";
import { type Bus, type Events, openBus, openEvents, prepareEvents } from "@tessera/events";
import { defineEvent, type EventContract, type EventEnvelope } from "@tessera/shared-types";
import { sql } from "drizzle-orm";
import { z } from "zod";
import {
  type AnyProcess,
  defineProcess,
  type ModuleProcesses,
  openProcesses,
  type Process,
  type Processes,
  type ProcessesOptions,
  type ProcessInstance,
  prepareProcesses,
  type RunStep,
  type StepFacts,
} from "../../src/index.js";

export const tenantA = "00000000-0000-4000-8000-00000000000a";
export const tenantB = "00000000-0000-4000-8000-00000000000b";

export const paid = defineEvent("till.invoice.paid", 1, z.object({ amount: z.number() }));

/** What a step gets here. */
export interface Context {
  readonly db: TenantDb;
  readonly step: StepFacts;
  /** Writes one line into the effects table. */
  effect(what: string): Promise<void>;
  publish<P>(contract: EventContract<P>, aggregateId: string, payload: P): void;
}

export const modules: readonly ModuleTables[] = ["ledger", "mail-room"].map((name) => ({
  name,
  migrations: new URL(`./no-migrations/${name}/`, import.meta.url),
  tables: {},
}));

export interface World {
  readonly database: Database;
  readonly events: Events;
  readonly bus: Bus;
  readonly processes: Processes;
  /** As `ledger` for tenant A, unless said otherwise. */
  as(tenantId?: string, module?: string): ModuleProcesses;
  work(definitions: readonly AnyProcess<Context>[], module?: string): { close(): Promise<void> };
  /** Ends all work that was begun here. */
  rest(): Promise<void>;
  /** Another engine over the same database and bus, as another process would have one. */
  another(options?: WorldOptions): Processes;
  /** What was done, in order. */
  effects(processId?: string): Promise<string[]>;
  publish(aggregateId: string, amount: number, tenantId?: string): Promise<void>;
  deliver(event: EventEnvelope): Promise<void>;
  /** Until it is in one of the states. */
  reached(id: string, ...states: ProcessInstance["state"][]): Promise<ProcessInstance>;
  readonly run: RunStep<Context>;
  close(): Promise<void>;
}

export interface WorldOptions extends Partial<Omit<ProcessesOptions, "database" | "bus" | "events">> {
  /** Called when the journal entry is written and not yet committed. */
  readonly recorded?: (step: StepFacts) => void;
  readonly databaseUrl?: string;
}

const quick = { retry: { baseMs: 5, capMs: 20 } };

export async function openWorld({ databaseUrl, recorded, ...options }: WorldOptions = {}): Promise<World> {
  const database = databaseUrl ? await openDatabase({ url: databaseUrl }) : await createTestDatabase(modules);
  if (!databaseUrl) await prepareWorld(database);
  const bus = await openBus({ database });
  const events = openEvents({ database, bus, retry: { baseMs: 5, capMs: 20 } });
  const open = (more: WorldOptions = {}) => openProcesses({ database, bus, events, ...quick, ...options, ...more });
  const processes = open();
  const opened = [processes];
  const working: { close(): Promise<void> }[] = [];
  const run = hostOf(database, events, recorded);
  const as = (tenantId = tenantA, module = "ledger") =>
    processes.of({ module, tenantId, actorId: null, correlationId: "test", causationId: null });
  return {
    database,
    events,
    bus,
    processes,
    as,
    run,
    work: (definitions, module = "ledger") => {
      const subscription = processes.startWorker(module, definitions, run);
      working.push(subscription);
      return subscription;
    },
    rest: async () => void (await Promise.all(working.splice(0).map((subscription) => subscription.close()))),
    another: (more) => {
      const engine = open(more);
      opened.push(engine);
      return engine;
    },
    effects: async (processId) => {
      const rows = await database.admin<{ what: string }[]>`
        select what from effects where ${processId ?? null}::text is null or process = ${processId ?? null} order by id`;
      return rows.map(({ what }) => what);
    },
    publish: (aggregateId, amount, tenantId = tenantA) =>
      database.forModule("mail-room").transaction({ tenantId }, async (db) => {
        const origin = { module: "mail-room", tenantId, actorId: null, correlationId: "test", causationId: null };
        const outbox = events.outbox(origin);
        outbox.publish(paid, { aggregateId, payload: { amount } });
        await outbox.flush(db);
      }),
    deliver: async (event) => {
      await database.admin`insert into kernel.outbox (event) values (${JSON.stringify(event)}::text::json)`;
      await database.admin`select pg_notify('tessera_outbox', '')`;
    },
    reached: async (id, ...states) => {
      let seen: ProcessInstance | null = null;
      for (const end = Date.now() + 20_000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 10))) {
        seen = (await as().find(id)) ?? (await as(tenantB).find(id)) ?? (await as(tenantA, "mail-room").find(id));
        if (seen && states.includes(seen.state)) return seen;
      }
      throw new Error(`Process ${id} never became ${states.join(" or ")}: ${JSON.stringify(seen)}`);
    },
    close: async () => {
      await Promise.all(opened.map((engine) => engine.close()));
      await events.close();
      await bus.close();
      await database.close();
    },
  };
}

async function prepareWorld(database: Database): Promise<void> {
  await prepareEvents(database, modules);
  await prepareProcesses(database, modules);
  await database.admin.unsafe(`
    create table effects (id bigint generated always as identity, process text, step text, what text);
    grant insert, select on effects to public;
  `);
}

/** Hosts steps the way the subgraph package does. */
function hostOf(database: Database, events: Events, recorded?: WorldOptions["recorded"]): RunStep<Context> {
  return async ({ module, tenantId, correlationId, step, deadline, handle, record }) => {
    const scope = { tenantId, signal: step.signal, deadline };
    await database.forModule(module).transaction(scope, async (db) => {
      const outbox = events.outbox({ module, tenantId, actorId: null, correlationId, causationId: null });
      await handle({
        db,
        step,
        effect: async (what) => {
          await db.execute(sql`
            insert into effects (process, step, what) values (${step.processId}, ${step.name}, ${what})`);
        },
        publish: (contract, aggregateId, payload) => outbox.publish(contract, { aggregateId, payload }),
      });
      await record(db);
      recorded?.(step);
      outbox.flush(db).catch(() => {});
    });
  };
}

/** A process without input. */
export function processOf<Output>(
  name: string,
  run: (process: Process<Context>) => Promise<Output>,
  more: Partial<Pick<AnyProcess<Context>, "version" | "hears" | "onFailure">> = {},
) {
  const { version = 1, ...rest } = more;
  return defineProcess<Context, Record<string, never>, Output>({ name, version, input: z.object({}), run, ...rest });
}

/** A step that writes its name, and `-name` when it is undone. */
export function noted(
  process: Process<Context>,
  name: string,
  before?: (context: Context) => unknown,
): Promise<string> {
  return process.step(name, {
    do: async (context) => {
      await context.effect(name);
      await before?.(context);
      return `${name} done`;
    },
    undo: (context) => context.effect(`-${name}`),
    attempts: 2,
  });
}
