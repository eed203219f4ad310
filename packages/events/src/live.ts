/** Fans events out to live subscribers of this process: one tail of the bus, one bounded buffer per subscriber. */
import type { EventContract, EventEnvelope } from "@tessera/shared-types";
import type { Bus, Subscription } from "./bus.js";
import { EventsError } from "./errors.js";
import type { LiveOptions } from "./events.js";
import { anyEvent } from "./reaction.js";

type Receive = (event: EventEnvelope) => void;

export class LiveEvents {
  readonly #subscribers = new Map<string, Set<Receive>>();
  readonly #open = new Set<() => void>();
  /** Only while somebody subscribes: a bus need not read for nobody. */
  #tail: Subscription | null = null;

  constructor(
    readonly bus: Bus,
    readonly bufferSize: number,
  ) {}

  subscribe<Payload>(
    contract: EventContract<Payload>,
    options: LiveOptions<Payload>,
  ): AsyncIterableIterator<EventEnvelope<Payload>> {
    const key = topic(contract, options.tenantId);
    const iterator = new LiveIterator<Payload>(contract.type, this.bufferSize, options, () => {
      this.#remove(key, receive);
      this.#open.delete(end);
    });
    const receive: Receive = (event) => iterator.receive(event as EventEnvelope<Payload>);
    const end = (): void => iterator.end();
    if (iterator.ended) return iterator;
    this.#open.add(end);
    this.#tail ??= this.bus.tail((event) => this.#pass(event));
    const receivers = this.#subscribers.get(key);
    if (receivers) receivers.add(receive);
    else this.#subscribers.set(key, new Set([receive]));
    return iterator;
  }

  async close(): Promise<void> {
    for (const end of [...this.#open]) end();
  }

  #pass(event: EventEnvelope): void {
    for (const receive of this.#subscribers.get(topic(event, event.tenantId)) ?? []) receive(event);
    for (const receive of this.#subscribers.get(topic(anyEvent, event.tenantId)) ?? []) receive(event);
  }

  #remove(key: string, receive: Receive): void {
    const receivers = this.#subscribers.get(key);
    receivers?.delete(receive);
    if (receivers?.size === 0) this.#subscribers.delete(key);
    if (this.#subscribers.size > 0) return;
    void this.#tail?.close();
    this.#tail = null;
  }
}

/** The tenant is part of the key, so an event of another tenant cannot reach a subscriber at all. */
const topic = ({ type, version }: { type: string; version: number }, tenantId: string): string =>
  `${tenantId}\u0000${type}@${version}`;

interface Waiting<Payload> {
  resolve(result: IteratorResult<EventEnvelope<Payload>, undefined>): void;
  reject(error: unknown): void;
}

class LiveIterator<Payload> implements AsyncIterableIterator<EventEnvelope<Payload>> {
  readonly #buffer: EventEnvelope<Payload>[] = [];
  readonly #waiting: Waiting<Payload>[] = [];
  #failure: unknown;
  #ended = false;

  constructor(
    readonly type: string,
    readonly limit: number,
    readonly options: LiveOptions<Payload>,
    readonly release: () => void,
  ) {
    if (options.signal.aborted) this.#ended = true;
    else options.signal.addEventListener("abort", this.#aborted, { once: true });
  }

  get ended(): boolean {
    return this.#ended;
  }

  receive(event: EventEnvelope<Payload>): void {
    try {
      if (this.options.where && !this.options.where(event)) return;
    } catch (error) {
      this.#fail(error);
      return;
    }
    const waiting = this.#waiting.shift();
    if (waiting) waiting.resolve({ value: event, done: false });
    else if (this.#buffer.length < this.limit) this.#buffer.push(event);
    else this.#fail(new EventsError("LIVE_CONSUMER_TOO_SLOW", { type: this.type, limit: this.limit }));
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.options.signal.removeEventListener("abort", this.#aborted);
    this.release();
    for (const { resolve } of this.#waiting.splice(0)) resolve({ value: undefined, done: true });
  }

  next(): Promise<IteratorResult<EventEnvelope<Payload>, undefined>> {
    const event = this.#buffer.shift();
    if (event) return Promise.resolve({ value: event, done: false });
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) return Promise.reject(failure);
    if (this.#ended) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<EventEnvelope<Payload>, undefined>> {
    this.#buffer.length = 0;
    this.#failure = undefined;
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  readonly #aborted = (): void => {
    this.#buffer.length = 0;
    this.end();
  };

  /** What was buffered is dropped: a subscriber with a gap must learn of it at once, not after the backlog. */
  #fail(error: unknown): void {
    this.#buffer.length = 0;
    const waiting = this.#waiting.shift();
    if (waiting) waiting.reject(error);
    else this.#failure = error;
    this.end();
  }
}
