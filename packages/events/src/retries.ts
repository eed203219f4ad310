/** Tries parked events again: the first of each queue when it is due, and what is behind it as soon as it is through. */
import { setTimeout as sleep } from "node:timers/promises";
import type { EventEnvelope } from "@tessera/shared-types";
import type { Log, RetryPolicy } from "./events.js";
import type { Outcome } from "./marks.js";
import type { ParkedEvent, ParkedEvents } from "./parked.js";
import { WakeUp } from "./wake-up.js";

const pollMs = 1000;
/** One that hangs takes a place and holds up none of the others. */
const queuesAtOnce = 20;
/** A claimed event stays claimed until its outcome is written down, so that is worth more than one try. */
const writeDownTries = 5;

export interface RetriesOptions {
  readonly parked: ParkedEvents;
  readonly log: Log;
  /** How often to look for events that are due. */
  readonly lookMs: number;
  modules(): readonly string[];
  leaseMs(): number;
  policy(module: string, event: EventEnvelope): RetryPolicy;
  /** Rejects when the attempt failed; resolves to undefined when there is nobody to make it. */
  run(module: string, event: EventEnvelope): Promise<Outcome | undefined>;
}

export class Retries {
  readonly #options: RetriesOptions;
  readonly #wake = new WakeUp();
  readonly #drains = new Set<Promise<void>>();
  #running: Promise<void> | null = null;
  #claiming = false;
  #closed = false;

  constructor(options: RetriesOptions) {
    this.#options = options;
  }

  /** An attempt is being made, or what is due is being claimed for one. */
  get busy(): boolean {
    return this.#claiming || this.#drains.size > 0;
  }

  start(): void {
    this.#running ??= this.#loop();
  }

  wake(): void {
    this.#wake.call();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wake.call();
    await this.#running;
  }

  async #loop(): Promise<void> {
    while (!this.#closed) {
      this.#claiming = true;
      const claimed = await this.#claim();
      this.#claiming = false;
      for (const first of claimed) {
        const drain: Promise<void> = this.#drain(first).finally(() => this.#drains.delete(drain));
        this.#drains.add(drain);
      }
      if (claimed.length === 0) await this.#wake.wait(Math.min(pollMs, this.#options.lookMs));
    }
    await Promise.all(this.#drains);
  }

  async #claim(): Promise<ParkedEvent[]> {
    const { parked, modules, leaseMs } = this.#options;
    const room = queuesAtOnce - this.#drains.size;
    if (modules().length === 0 || room === 0) return [];
    return parked.claimDue(modules(), leaseMs(), room).catch(() => []);
  }

  /** Works off a queue from `first` on until one of it fails again or nothing of it is left. */
  async #drain(first: ParkedEvent): Promise<void> {
    const { parked, log, leaseMs } = this.#options;
    let next: ParkedEvent | undefined = first;
    try {
      while (next && !this.#closed) {
        const goOn: boolean = await this.#retry(next);
        next = goOn ? await parked.claimNext(next, leaseMs()) : undefined;
      }
    } catch (error) {
      log.warn({ err: error }, "The retry queue could not be worked off and will be tried again.");
    }
  }

  /** True when the event no longer blocks those behind it. */
  async #retry(parkedEvent: ParkedEvent): Promise<boolean> {
    const { parked, log, policy, run } = this.#options;
    const { event, consumer: module } = parkedEvent;
    try {
      if ((await run(module, event)) === undefined) return false;
    } catch (error) {
      const dead = await persistently(() => parked.failed(parkedEvent, { error, policy: policy(module, event) }));
      const facts = { err: error, module, event: event.id, type: event.type, attempts: parkedEvent.attempts + 1 };
      if (dead) log.error(facts, "A reaction failed for the last time; its event is a dead letter.");
      else log.warn(facts, "A reaction failed and will be tried again.");
      return dead;
    }
    await persistently(() => parked.remove(parkedEvent));
    return true;
  }
}

export async function persistently<T>(write: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await write();
    } catch (error) {
      if (tries === writeDownTries) throw error;
      await sleep(100 * tries);
    }
  }
}
