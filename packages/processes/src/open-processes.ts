/** Puts the parts together. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Subscription } from "@tessera/events";
import { platformEvents } from "@tessera/shared-types";
import type postgres from "postgres";
import { Control } from "./control.js";
import type { AnyProcess } from "./define.js";
import { Slots } from "./engine/lock.js";
import { Housekeeping } from "./housekeeping.js";
import type { Log, Processes, ProcessesOptions, ProcessesStats, ProcessInstance, RunStep } from "./processes.js";
import { Registry } from "./registry.js";
import { channel, Inbox } from "./store/inbox.js";
import { type StepChange, Worker } from "./worker.js";

const silent: Log = { info() {}, warn() {}, error() {} };
const defaultLimits = { steps: 5000, valueBytes: 1_000_000, unfinished: 100_000 };
const day = 24 * 3600 * 1000;
const sweepMs = 10_000;

/** Nothing runs until `startWorker`. Expects that `prepareProcesses` has run. */
export function openProcesses(options: ProcessesOptions): Processes {
  return new Engine(options);
}

class Engine implements Processes {
  readonly #options: ProcessesOptions;
  readonly #log: Log;
  readonly #registry = new Registry();
  readonly #worker: Worker;
  readonly #housekeeping: Housekeeping;
  readonly #inbox: Inbox;
  readonly #started = new Set<Subscription>();
  /** The last announcement of each process: the next one follows it, so that changes are heard in their order. */
  readonly #announcing = new Map<string, Promise<void>>();
  readonly #shared: ConstructorParameters<typeof Control>[0];
  #listening: Promise<postgres.ListenMeta> | null = null;
  #sweeping: NodeJS.Timeout | undefined;

  constructor(options: ProcessesOptions) {
    const { database, log = silent, clock = () => new Date(), retry = {}, versionGraceMs = 60_000 } = options;
    const { atOnce = 2 * database.stats().size, leaseMs = 10_000, retentionMs = 30 * day, graceMs = 5000 } = options;
    this.#options = options;
    this.#log = log;
    const limits = { ...defaultLimits, ...options.limits };
    const backoff = { baseMs: 1000, capMs: 300_000, ...retry };
    const changed = (instance: ProcessInstance, step?: StepChange) => this.#announce(instance, step);
    this.#shared = { database, registry: this.#registry, limits, now: clock, changed };
    const slots = new Slots(4 * database.stats().size);
    this.#worker = new Worker({ ...this.#shared, log, atOnce, leaseMs, backoff, graceMs, slots });
    this.#inbox = new Inbox(database.admin, clock);
    const { id: worker } = this.#worker;
    const rest = { sql: database.admin, worker, versionGraceMs, retentionMs };
    this.#housekeeping = new Housekeeping({ ...this.#shared, ...rest });
  }

  of(scope: Parameters<Processes["of"]>[0]) {
    return new Control(this.#shared, scope);
  }

  startWorker<Context>(
    module: string,
    definitions: readonly AnyProcess<Context>[],
    run: RunStep<Context>,
  ): Subscription {
    const forget = this.#registry.add(module, definitions, run as RunStep);
    const hearing = this.#hear(module, definitions);
    this.#listen();
    this.#worker.start();
    this.#sweep(0);
    const subscription: Subscription = {
      close: async () => {
        if (!this.#started.delete(subscription)) return;
        forget();
        await hearing?.close();
        await this.#worker.leave(module);
      },
    };
    this.#started.add(subscription);
    return subscription;
  }

  #hear(module: string, definitions: readonly AnyProcess[]): Subscription | null {
    const types = typesOf(definitions);
    if (types.length === 0) return null;
    return this.#options.bus.consume(`${module}.processes`, types, async (event) => {
      // What is delivered again for the sake of reactions is no news.
      if (event.tenantId !== "" && !event.replay) await this.#inbox.hear(module, event);
    });
  }

  #listen(): void {
    this.#listening ??= this.#options.database.admin.listen(
      channel,
      (message) => {
        const [verb, seq] = message.split(":");
        if (seq === undefined) this.#worker.wake();
        else this.#worker.told(seq, verb === "stop");
      },
      () => this.#worker.wake(),
    );
    this.#listening.catch((error: unknown) => this.#log.warn({ err: error }, "Processes are found by polling only."));
  }

  #sweep(afterMs: number): void {
    clearTimeout(this.#sweeping);
    this.#sweeping = setTimeout(() => {
      this.#housekeeping
        .sweep()
        .catch((error: unknown) => this.#log.warn({ err: error }, "Old processes could not be cleaned up."))
        .finally(() => {
          if (this.#started.size > 0) this.#sweep(sweepMs);
        });
    }, afterMs);
    this.#sweeping.unref();
  }

  #announce(instance: ProcessInstance, step?: StepChange): void {
    const { id, module, tenantId, name, version, state, correlationId } = instance;
    const origin = { module, tenantId, actorId: null, correlationId, causationId: null };
    const payload = { processId: id, module, name, version, state, step: step ?? null };
    const before = this.#announcing.get(id) ?? Promise.resolve();
    const announced = before
      .then(() => this.#options.events.announce(origin, platformEvents.processChanged, { aggregateId: id, payload }))
      .catch((error: unknown) =>
        this.#log.warn({ err: error, process: id }, "A change of a process was not announced."),
      )
      .then(() => {
        if (this.#announcing.get(id) === announced) this.#announcing.delete(id);
      });
    this.#announcing.set(id, announced);
  }

  async stats(): Promise<ProcessesStats> {
    const [row] = await this.#options.database.admin<[ProcessesStats]>`
      select count(*) filter (where state in ('RUNNING', 'UNDOING'))::int as running,
        count(*) filter (where state in ('WAITING', 'PAUSED'))::int as waiting,
        count(*) filter (where state = 'STUCK')::int as stuck
      from (select state from kernel.process where finished_at is null limit 10000) unfinished`;
    return row;
  }

  async idle(): Promise<void> {
    for (;;) {
      const before = this.#worker.turns;
      const quiet = !(await this.#isBusy());
      if (quiet && this.#worker.turns === before) return;
      this.#worker.wake();
      await sleep(10);
    }
  }

  async #isBusy(): Promise<boolean> {
    const now = (this.#options.clock ?? (() => new Date()))();
    const { modules, names, versions } = this.#registry.known;
    const [row] = await this.#options.database.admin<{ busy: boolean }[]>`
      select exists (
        select from kernel.process join unnest(${modules}::text[], ${names}::text[], ${versions}::int[])
          as known (module, name, version) using (module, name, version)
        where lease_until is not null or due_at <= ${now}) as busy`;
    return row?.busy ?? false;
  }

  async close(): Promise<void> {
    clearTimeout(this.#sweeping);
    await this.#worker.close();
    await Promise.all([...this.#started].map((subscription) => subscription.close()));
    await this.#listening?.then((listening) => listening.unlisten()).catch(() => {});
    await this.#housekeeping.sayGoodbye().catch(() => {});
  }
}

/** What a module's consumer must be asked to deliver; "*" when only the instances know. */
function typesOf(definitions: readonly AnyProcess[]): string[] {
  const heard = definitions.flatMap(({ hears = [] }) =>
    typeof hears === "function" ? ["*"] : hears.map(({ type }) => type),
  );
  return heard.includes("*") ? ["*"] : [...new Set(heard)];
}
