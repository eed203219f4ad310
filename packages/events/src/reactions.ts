/** Runs the reactions of the modules in this process: deliveries from the bus, and the retries of what was parked. */
import { setTimeout as sleep } from "node:timers/promises";
import type { EventContract, EventEnvelope } from "@tessera/shared-types";
import type { Bus, Subscription } from "./bus.js";
import { registerConsumer } from "./consumers.js";
import { attempt, attemptsOf, type Consumer, reactionsTo, timeoutOf } from "./delivery.js";
import { EventsError } from "./errors.js";
import type { Log, RetryPolicy } from "./events.js";
import { Slots } from "./lanes.js";
import type { ParkedEvent, ParkedEvents } from "./parked.js";
import type { Reaction } from "./reaction.js";
import { WakeUp } from "./wake-up.js";

const pollMs = 1000;
/** A claimed event stays claimed until its outcome is written down, so that is worth more than one try. */
const writeDownTries = 5;

export interface ReactionsOptions {
  readonly parked: ParkedEvents;
  readonly bus: Bus;
  readonly log: Log;
  readonly retry: RetryPolicy;
  /** Reactions that may run at once in this process. */
  readonly parallel: number;
}

export class Reactions {
  readonly #options: ReactionsOptions;
  readonly #consumers = new Map<string, Consumer>();
  readonly #slots: Slots;
  readonly #wake = new WakeUp();
  #retrying: Promise<void> | null = null;
  #closed = false;
  #handled = 0;

  constructor(options: ReactionsOptions) {
    this.#options = options;
    this.#slots = new Slots(options.parallel);
  }

  /** Grows with every attempt; unchanged between two looks means that nothing ran in between. */
  get handled(): number {
    return this.#handled;
  }

  start(consumer: Consumer): Subscription {
    refuseDuplicates(consumer.module, consumer.reactions);
    const { module } = consumer;
    const declared = new Set(consumer.reactions.map(({ contract }) => contract.type));
    const types = declared.has("*") ? ["*"] : [...declared];
    void persistently(() => registerConsumer(this.#options.parked.sql, module, types)).catch(() => {});
    this.#consumers.set(module, consumer);
    this.#retrying ??= this.#retryLoop();
    const subscription = this.#options.bus.consume(module, types, (event) => this.#deliver(consumer, event));
    return {
      close: async () => {
        this.#consumers.delete(module);
        await subscription.close();
      },
    };
  }

  /** Of an event some module of this process reacts to. */
  contractOf({ type, version }: EventEnvelope): EventContract | undefined {
    const contracts = [...this.#consumers.values()].flatMap(({ reactions }) =>
      reactions.map(({ contract }) => contract),
    );
    return contracts.find((contract) => contract.type === type && contract.version === version);
  }

  retryNow(): void {
    this.#wake.call();
  }

  async hasDue(): Promise<boolean> {
    return this.#options.parked.hasDue([...this.#consumers.keys()]);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wake.call();
    await this.#retrying;
  }

  /** Resolves when the event is handled or safely parked; rejects only if it could not even be parked. */
  async #deliver(consumer: Consumer, event: EventEnvelope): Promise<void> {
    const { parked, log } = this.#options;
    const { module } = consumer;
    if (event.replay && event.replay.consumer !== null && event.replay.consumer !== module) return;
    try {
      const outcome = await this.#run(consumer, event, false);
      if (outcome === "behind") await parked.park(module, event);
    } catch (error) {
      log.warn({ err: error, module, event: event.id, type: event.type }, "A reaction failed and will be tried again.");
      await parked.park(module, event, { error, policy: this.#policy(consumer, event) });
      this.#wake.call();
    }
  }

  async #run(consumer: Consumer, event: EventEnvelope, isRetry: boolean): Promise<string> {
    return this.#slots.run(async () => {
      this.#handled++;
      try {
        return await attempt(consumer, event, isRetry);
      } finally {
        this.#handled++;
      }
    });
  }

  async #retryLoop(): Promise<void> {
    while (!this.#closed) {
      const claimed = await this.#claim();
      if (claimed.length === 0) await this.#wake.wait(this.#nextLookMs());
      else await Promise.all(claimed.map((first) => this.#drain(first)));
    }
  }

  async #claim(): Promise<ParkedEvent[]> {
    if (this.#consumers.size === 0) return [];
    return this.#options.parked.claimDue([...this.#consumers.keys()], this.#leaseMs()).catch(() => []);
  }

  /** Works off a queue from `first` on until one of it fails again or nothing of it is left. */
  async #drain(first: ParkedEvent): Promise<void> {
    let next: ParkedEvent | undefined = first;
    try {
      while (next && !this.#closed) {
        const goOn: boolean = await this.#retry(next);
        next = goOn ? await this.#options.parked.claimNext(next, this.#leaseMs()) : undefined;
      }
    } catch (error) {
      this.#options.log.warn({ err: error }, "The retry queue could not be worked off and will be tried again.");
    }
  }

  /** True when the event no longer blocks those behind it. */
  async #retry(parkedEvent: ParkedEvent): Promise<boolean> {
    const { parked, log } = this.#options;
    const { event, consumer: module } = parkedEvent;
    const consumer = this.#consumers.get(module);
    if (!consumer) return false;
    try {
      await this.#run(consumer, event, true);
    } catch (error) {
      const failure = { error, policy: this.#policy(consumer, event) };
      const dead = await persistently(() => parked.failed(parkedEvent, failure));
      const facts = { err: error, module, event: event.id, type: event.type, attempts: parkedEvent.attempts + 1 };
      if (dead) log.error(facts, "A reaction failed for the last time; its event is a dead letter.");
      else log.warn(facts, "A reaction failed and will be tried again.");
      return dead;
    }
    await persistently(() => parked.remove(parkedEvent));
    return true;
  }

  #policy(consumer: Consumer, event: EventEnvelope): RetryPolicy {
    const { retry } = this.#options;
    try {
      return { ...retry, attempts: attemptsOf(reactionsTo(consumer, event)) ?? retry.attempts };
    } catch {
      return retry;
    }
  }

  /** Longer than any attempt takes, so that a claimed event is free again only if its process died. */
  #leaseMs(): number {
    const reactions = [...this.#consumers.values()].map(({ reactions }) => timeoutOf(reactions));
    return 5000 + Math.max(0, ...reactions);
  }

  #nextLookMs(): number {
    return Math.min(pollMs, Math.max(20, this.#options.retry.baseMs));
  }
}

async function persistently<T>(write: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await write();
    } catch (error) {
      if (tries === writeDownTries) throw error;
      await sleep(100 * tries);
    }
  }
}

function refuseDuplicates(module: string, reactions: readonly Reaction[]): void {
  const known = new Set<string>();
  for (const { contract } of reactions) {
    const { type, version } = contract;
    if (known.has(`${type}@${version}`)) throw new EventsError("REACTION_DUPLICATE", { module, type, version });
    known.add(`${type}@${version}`);
  }
}
