/** Runs the reactions of the modules in this process: deliveries from the bus, and the retries of what was parked. */
import type { EventContract, EventEnvelope } from "@tessera/shared-types";
import type { Bus, Subscription } from "./bus.js";
import { attemptsOf, type Consumer, Pace, reactionsTo, refuseDuplicates, timeoutOf } from "./consumer.js";
import { registerConsumer } from "./consumers.js";
import { attempt } from "./delivery.js";
import type { Log, RetryPolicy } from "./events.js";
import { laneOf } from "./lanes.js";
import type { Outcome } from "./marks.js";
import type { ParkedEvents } from "./parked.js";
import { persistently, Retries } from "./retries.js";
import { type Delivery, Turns } from "./turns.js";

export interface ReactionsOptions {
  readonly parked: ParkedEvents;
  readonly bus: Bus;
  readonly log: Log;
  readonly retry: RetryPolicy;
  /** Transactions of reactions that may run at once in this process. */
  readonly parallel: number;
}

export class Reactions {
  readonly #options: ReactionsOptions;
  readonly #consumers = new Map<string, Consumer>();
  readonly #turns: Turns;
  readonly #retries: Retries;
  #handled = 0;

  constructor(options: ReactionsOptions) {
    this.#options = options;
    this.#turns = new Turns(options.parallel, (turn) => this.#takeTurn(turn));
    const { parked, log } = options;
    this.#retries = new Retries({
      parked,
      log,
      lookMs: Math.max(20, options.retry.baseMs),
      modules: () => [...this.#consumers.keys()],
      leaseMs: () => this.#leaseMs(),
      policy: (module, event) => this.#policy(module, event),
      run: (module, event) => this.#retry(module, event),
    });
  }

  /** Grows with every turn; unchanged between two looks means that nothing ran in between. */
  get handled(): number {
    return this.#handled;
  }

  start({ module, reactions, run }: Omit<Consumer, "pace">): Subscription {
    const { bus, parked } = this.#options;
    refuseDuplicates({ module, reactions });
    const consumer: Consumer = { module, reactions, run, pace: new Pace() };
    const declared = new Set(reactions.map(({ contract }) => contract.type));
    const types = declared.has("*") ? ["*"] : [...declared];
    this.#consumers.set(module, consumer);
    this.#retries.start();
    void persistently(() => registerConsumer(parked.sql, module, types)).catch(() => {});
    const subscription = bus.consume(module, types, (event) => this.#deliver(consumer, event));
    return {
      close: async () => {
        this.#consumers.delete(module);
        const closing = subscription.close();
        this.#drop((delivery) => delivery.consumer === consumer);
        await closing;
      },
    };
  }

  /** Of an event some module of this process reacts to. */
  contractOf({ type, version }: EventEnvelope): EventContract | undefined {
    const declared = [...this.#consumers.values()].flatMap(({ reactions }) => reactions);
    return declared.find(({ contract }) => contract.type === type && contract.version === version)?.contract;
  }

  retryNow(): void {
    this.#retries.wake();
  }

  /** Or is being tried again: what is claimed for that is due no more. */
  async hasDue(): Promise<boolean> {
    return (await this.#options.parked.hasDue([...this.#consumers.keys()])) || this.#retries.busy;
  }

  async close(): Promise<void> {
    const closing = this.#retries.close();
    this.#drop(() => true);
    await closing;
  }

  /** Resolves when the event is handled or safely parked; rejects only if it could not even be parked. */
  async #deliver(consumer: Consumer, event: EventEnvelope): Promise<void> {
    const meant = event.replay?.consumer ?? consumer.module;
    if (meant === consumer.module) await this.#enqueue(consumer, event, false);
  }

  /** Rejects when the attempt failed; resolves to undefined when the module does not run here any more. */
  async #retry(module: string, event: EventEnvelope): Promise<Outcome | undefined> {
    const consumer = this.#consumers.get(module);
    return consumer && this.#enqueue(consumer, event, true);
  }

  #enqueue(consumer: Consumer, event: EventEnvelope, isRetry: boolean): Promise<Outcome | undefined> {
    return new Promise((resolve, reject) => {
      this.#turns.add({ consumer, event, isRetry, alone: isRetry, resolve, reject });
    });
  }

  async #takeTurn(turn: readonly Delivery[]): Promise<readonly Delivery[]> {
    const [first] = turn;
    if (!first) return [];
    this.#handled++;
    const result = await attempt(turn);
    this.#handled++;
    if ("outcomes" in result) {
      await this.#ended(turn, result.outcomes);
      return [];
    }
    if (turn.length > 1) {
      for (const delivery of result.at === undefined ? turn : turn.slice(result.at, result.at + 1))
        delivery.alone = true;
      return turn;
    }
    if (first.isRetry) first.reject(result.error);
    else await this.#failed(first, result.error);
    return [];
  }

  async #ended(turn: readonly Delivery[], outcomes: readonly Outcome[]): Promise<void> {
    const behind = turn.filter((_, place) => outcomes[place] === "behind");
    const parked = await this.#park(behind);
    turn.forEach((delivery, place) => {
      if (parked || outcomes[place] !== "behind") delivery.resolve(outcomes[place] ?? "known");
    });
  }

  async #failed(delivery: Delivery, error: unknown): Promise<void> {
    const { module } = delivery.consumer;
    const { id, type } = delivery.event;
    const facts = { err: error, module, event: id, type };
    this.#options.log.warn(facts, "A reaction failed and will be tried again.");
    if (!(await this.#park([delivery], error))) return;
    delivery.resolve("behind");
    this.#retries.wake();
  }

  /** False when it could not be written down. The bus delivers them again then, and before what came after them. */
  async #park(deliveries: readonly Delivery[], error?: unknown): Promise<boolean> {
    const [first] = deliveries;
    if (!first) return true;
    const { module } = first.consumer;
    const failure = error === undefined ? undefined : { error, policy: this.#policy(module, first.event) };
    try {
      await this.#options.parked.park(
        module,
        deliveries.map(({ event }) => event),
        failure,
      );
      return true;
    } catch (reason) {
      const lanes = new Set(deliveries.map(({ event }) => laneOf(event)));
      for (const delivery of deliveries) delivery.reject(reason);
      this.#drop(({ consumer, event, isRetry }) => consumer === first.consumer && !isRetry && lanes.has(laneOf(event)));
      return false;
    }
  }

  /** The bus brings them again; a retry counts as not made. */
  #drop(fits: (delivery: Delivery) => boolean): void {
    for (const { isRetry, resolve, reject } of this.#turns.remove(fits)) {
      if (isRetry) resolve(undefined);
      else reject(new Error("The event was given back to the bus."));
    }
  }

  #policy(module: string, event: EventEnvelope): RetryPolicy {
    const { retry } = this.#options;
    const consumer = this.#consumers.get(module);
    try {
      return { ...retry, attempts: (consumer && attemptsOf(reactionsTo(consumer, event))) ?? retry.attempts };
    } catch {
      return retry;
    }
  }

  /** Longer than any attempt takes, so that a claimed event is free again only if its process died. */
  #leaseMs(): number {
    return 5000 + Math.max(0, ...[...this.#consumers.values()].map(({ reactions }) => timeoutOf(reactions)));
  }
}
