/**
 * Who runs next. Every module and tenant with deliveries has a queue, and the queues take turns, so a long one delays
 * nobody by more than the turns of the others. A turn is what goes into one transaction: many deliveries, or one alone.
 */
import type { EventEnvelope } from "@tessera/shared-types";
import type { Consumer } from "./consumer.js";
import type { Outcome } from "./marks.js";

export interface Delivery {
  readonly consumer: Consumer;
  readonly event: EventEnvelope;
  /** First of its parked queue, so nothing can be before it. */
  readonly isRetry: boolean;
  /** Not to share a transaction with others. */
  alone: boolean;
  /** `undefined`: it was not made. */
  resolve(outcome: Outcome | undefined): void;
  reject(error: unknown): void;
}

/** Must not reject. What it gives back runs again before everything else of its queue. */
export type TakeTurn = (turn: readonly Delivery[]) => Promise<readonly Delivery[]>;

interface Queue {
  readonly name: string;
  waiting: Delivery[];
  /** Aggregates that a running turn works on: what is behind them waits. */
  readonly busy: Set<string>;
  running: number;
  /** A turn that is meant for many is running, even if it found only one. */
  shared: boolean;
  inLine: boolean;
}

export class Turns {
  readonly #takeTurn: TakeTurn;
  readonly #queues = new Map<string, Queue>();
  readonly #line: Queue[] = [];
  #free: number;

  /** At most `parallel` turns at once. */
  constructor(parallel: number, takeTurn: TakeTurn) {
    this.#free = Math.max(1, parallel);
    this.#takeTurn = takeTurn;
  }

  add(delivery: Delivery): void {
    const { consumer, event } = delivery;
    const name = `${consumer.module}\u0000${event.tenantId}`;
    let queue = this.#queues.get(name);
    if (!queue) {
      queue = { name, waiting: [], busy: new Set(), running: 0, shared: false, inLine: false };
      this.#queues.set(name, queue);
    }
    queue.waiting.push(delivery);
    this.#join(queue);
    this.#go();
  }

  /** Takes out what waits and fits; it will not run. */
  remove(fits: (delivery: Delivery) => boolean): Delivery[] {
    const removed: Delivery[] = [];
    for (const queue of this.#queues.values()) {
      removed.push(...queue.waiting.filter(fits));
      queue.waiting = queue.waiting.filter((delivery) => !fits(delivery));
    }
    return removed;
  }

  #join(queue: Queue): void {
    if (queue.inLine || queue.waiting.length === 0) return;
    queue.inLine = true;
    this.#line.push(queue);
  }

  #go(): void {
    while (this.#free > 0) {
      const queue = this.#line.shift();
      if (!queue) return;
      queue.inLine = false;
      const turn = pick(queue);
      // A queue that cannot go now joins again when one of its turns has ended.
      if (turn.length > 0) void this.#run(queue, turn);
    }
  }

  async #run(queue: Queue, turn: readonly Delivery[]): Promise<void> {
    const shared = turn.some((delivery) => mostWith(delivery) > 1);
    this.#free--;
    queue.running++;
    queue.shared ||= shared;
    for (const { event } of turn) queue.busy.add(event.aggregateId);
    this.#join(queue);
    const again = await this.#takeTurn(turn);
    for (const { event } of turn) queue.busy.delete(event.aggregateId);
    if (again.length > 0) queue.waiting = [...again, ...queue.waiting];
    queue.running--;
    if (shared) queue.shared = false;
    this.#free++;
    this.#join(queue);
    if (queue.running === 0 && queue.waiting.length === 0) this.#queues.delete(queue.name);
    this.#go();
  }
}

/**
 * Turns of many run one after the other within a queue: side by side they could wait for each other's rows. What runs
 * alone does so beside them, each with another aggregate.
 */
function pick(queue: Queue): Delivery[] {
  const turn: Delivery[] = [];
  for (const delivery of queue.waiting) {
    if (queue.busy.has(delivery.event.aggregateId)) continue;
    const runsAlone = mostWith(delivery) === 1;
    if (runsAlone && turn.length === 0) turn.push(delivery);
    if (runsAlone || queue.shared || turn.length >= mostWith(delivery)) break;
    turn.push(delivery);
  }
  if (turn.length === 0) return turn;
  const taken = new Set(turn);
  queue.waiting = queue.waiting.filter((delivery) => !taken.has(delivery));
  return turn;
}

const mostWith = ({ alone, consumer }: Delivery): number => (alone ? 1 : consumer.pace.size);
