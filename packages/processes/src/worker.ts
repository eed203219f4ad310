/** Runs the processes of this process's modules: claims what is due, keeps the leases, writes down how it went. */
import { randomUUID } from "node:crypto";
import type { Database } from "@tessera/database";
import { WakeUp } from "@tessera/events";
import { Activation, type Ending } from "./engine/activation.js";
import type { Slots } from "./engine/lock.js";
import type { Backoff } from "./engine/run.js";
import type { Log, ProcessInstance, ProcessLimits } from "./processes.js";
import type { Registry } from "./registry.js";
import { Claims } from "./store/claims.js";
import { decideClaimed, decided } from "./store/intents.js";
import { type InstanceRow, toInstance } from "./store/rows.js";

const pollMs = 1000;
const longestLingerMs = 60_000;
const lingerKey = ({ module, name, version }: InstanceRow): string => `${module}/${name}@${version}`;

export interface StepChange {
  readonly name: string;
  readonly status: string;
}

export interface WorkerOptions {
  readonly database: Database;
  readonly registry: Registry;
  readonly log: Log;
  readonly now: () => Date;
  readonly atOnce: number;
  readonly leaseMs: number;
  readonly backoff: Backoff;
  readonly limits: ProcessLimits;
  readonly graceMs: number;
  readonly slots: Slots;
  readonly changed: (instance: ProcessInstance, step?: StepChange) => void;
}

export class Worker {
  readonly id = randomUUID();
  readonly #options: WorkerOptions;
  readonly #claims: Claims;
  readonly #running = new Map<string, { readonly activation: Activation; readonly over: Promise<void> }>();
  readonly #wake = new WakeUp();
  /** How long definitions are known to do something of their own, in milliseconds. */
  readonly #lingers = new Map<string, number>();
  #loop: Promise<void> | null = null;
  #heartbeat: NodeJS.Timeout | undefined;
  #renewedAt = Date.now();
  #expiredAt = 0;
  #closed = false;
  #turns = 0;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#claims = new Claims(options.database.admin);
  }

  /** Grows whenever a process was claimed or given back. */
  get turns(): number {
    return this.#turns;
  }

  start(): void {
    this.#loop ??= this.#run();
    this.#heartbeat ??= setInterval(() => void this.#renew(), this.#options.leaseMs / 3);
    this.#heartbeat.unref();
  }

  wake(): void {
    this.#wake.call();
  }

  /** Something was told about this process: an event or answer, or (`stop`) a person's decision. */
  told(seq: string, stop: boolean): void {
    const running = this.#running.get(seq);
    if (!running) this.wake();
    else if (stop) running.activation.stop();
    else running.activation.signal();
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { activation } of this.#running.values()) activation.stop();
    this.wake();
    await this.#loop;
    await Promise.all([...this.#running.values()].map(({ over }) => over));
    clearInterval(this.#heartbeat);
  }

  /** Ends what runs of one module, whose code is going away. */
  async leave(module: string): Promise<void> {
    const leaving = [...this.#running.values()].filter(({ activation }) => activation.instance.module === module);
    for (const { activation } of leaving) activation.stop();
    await Promise.all(leaving.map(({ over }) => over));
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      const waitMs = await this.#look().catch((error: unknown) => {
        this.#options.log.warn({ err: error }, "Due processes could not be claimed and will be looked for again.");
        return pollMs;
      });
      if (waitMs > 0) await this.#wake.wait(waitMs);
    }
  }

  /** Milliseconds until the next look. */
  async #look(): Promise<number> {
    const { registry, now, leaseMs, atOnce } = this.#options;
    const free = atOnce - this.#running.size;
    const { known } = registry;
    if (free <= 0 || known.modules.length === 0) return pollMs;
    if (Date.now() - this.#expiredAt >= pollMs) {
      this.#expiredAt = Date.now();
      await this.#claims.expire(now());
    }
    const taken = await this.#claims.take({ worker: this.id, known, now: now(), leaseMs, limit: free });
    for (const row of taken) this.#start(row);
    if (taken.length > 0) return 0;
    const due = await this.#claims.nextDue();
    return due === null ? pollMs : Math.min(pollMs, Math.max(5, due - now().getTime()));
  }

  #start(row: InstanceRow): void {
    const key = String(row.seq);
    this.#turns++;
    const activation = new Activation(row, {
      ...this.#options,
      lingerMs: this.#lingers.get(lingerKey(row)) ?? 0,
      onLate: () => void this.#late(row),
      registered: this.#registered(row),
      beginUndo: async (error) => {
        const began = await this.#claims.beginUndo(row, error);
        if (began) this.#options.changed({ ...toInstance(row), state: "UNDOING", error });
        return began;
      },
      changed: (step) =>
        this.#options.changed(toInstance({ ...row, state: row.undoing ? "UNDOING" : "RUNNING" }), step),
      onOutage: (error) => {
        this.#options.log.warn(
          { err: error, process: row.id, module: row.module },
          "A process was interrupted and goes on later.",
        );
      },
    });
    const over = this.#activate(row, activation).finally(() => {
      this.#running.delete(key);
      this.#turns++;
      this.wake();
    });
    this.#running.set(key, { activation, over });
    if (this.#closed) activation.stop();
  }

  /** It was given back too early: it gets another turn at once, and those of its kind more patience from now on. */
  async #late(row: InstanceRow): Promise<void> {
    const { log, now } = this.#options;
    const before = this.#lingers.get(lingerKey(row)) ?? 25;
    this.#lingers.set(lingerKey(row), Math.min(before * 4, longestLingerMs));
    const { module, name, version } = row;
    log.warn({ module, process: row.id, name, version }, "A process does something outside of its steps.");
    await this.#claims
      .makeDue(row, now())
      .catch((err: unknown) => log.error({ err, process: row.id }, "It was not made due."));
    this.wake();
  }

  #registered({ module, name, version }: InstanceRow) {
    const registered = this.#options.registry.find(module, name, version);
    // Between the claim and now its module may have been closed: stopping is all that is left to do.
    return (
      registered ?? {
        module,
        definition: { name, version, input: undefined as never, run: async () => {} },
        run: async () => {},
      }
    );
  }

  async #activate(row: InstanceRow, activation: Activation): Promise<void> {
    const { log } = this.#options;
    try {
      if (row.intent) await this.#decide(row);
      else await this.#write(row, await activation.run());
    } catch (error) {
      // The lease will run out, and then the process goes on from its journal.
      log.warn({ err: error, process: row.id, module: row.module }, "How a process went could not be written down.");
    }
  }

  async #decide(row: InstanceRow): Promise<void> {
    if (!row.intent) return;
    const decision = decided(row, row.intent, this.#options.now());
    if (await decideClaimed(this.#options.database.admin, row, decision)) {
      this.#options.changed(toInstance({ ...row, state: decision.state }));
    }
  }

  async #write(row: InstanceRow, ending: Ending): Promise<void> {
    const { now, changed } = this.#options;
    const instance = toInstance(row);
    if (ending.kind === "release") {
      const { dueAt, waiting } = ending;
      const released = await this.#claims.release(row, dueAt, waiting);
      if (released && waiting) changed({ ...instance, state: "WAITING", dueAt });
    } else if (ending.kind === "finish") {
      const { state, output } = ending;
      if (await this.#claims.finish(row, { state, output, now: now() })) {
        changed({ ...instance, state, finishedAt: now() });
      } else await this.#claims.release(row, now(), false);
    } else {
      const { error } = ending;
      const { id: process, module } = instance;
      if (!(await this.#claims.stick(row, error))) return;
      this.#options.log.error({ process, module, code: error.code, reason: error.message }, "A process is stuck.");
      changed({ ...instance, state: "STUCK", error });
    }
  }

  async #renew(): Promise<void> {
    const { leaseMs } = this.#options;
    const running = [...this.#running.values()].map(({ activation }) => activation);
    if (running.length === 0) {
      this.#renewedAt = Date.now();
      return;
    }
    try {
      const held = await this.#claims.renew(
        this.id,
        running.map(({ instance }) => instance),
        leaseMs,
      );
      this.#renewedAt = Date.now();
      for (const activation of running) {
        const stillRuns = this.#running.get(String(activation.instance.seq))?.activation === activation;
        if (stillRuns && !held.has(String(activation.instance.seq))) activation.abort();
      }
    } catch (error) {
      this.#options.log.warn({ err: error }, "The leases of running processes could not be renewed.");
      if (Date.now() - this.#renewedAt > leaseMs) for (const activation of running) activation.abort();
    }
  }
}
