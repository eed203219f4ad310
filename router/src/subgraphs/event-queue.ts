/** Events that wait for their reader: bounded, so that a slow reader costs memory only up to a limit. */
import { RouterError } from "../errors/router-error.js";

interface Reader<Event> {
  resolve(result: IteratorResult<Event>): void;
  reject(error: unknown): void;
}

export class EventQueue<Event> implements AsyncIterableIterator<Event> {
  readonly #limit: number;
  readonly #onLeft: () => void;
  readonly #waiting: Event[] = [];
  #readers: Reader<Event>[] = [];
  #failure: { readonly error: unknown } | null = null;
  #isOver = false;

  /** `onLeft` runs once, when the reader leaves or falls too far behind: the source may stop. */
  constructor(limit: number, onLeft: () => void) {
    this.#limit = limit;
    this.#onLeft = onLeft;
  }

  push(event: Event): void {
    if (this.#isOver) return;
    const reader = this.#readers.shift();
    if (reader) reader.resolve({ done: false, value: event });
    else if (this.#waiting.push(event) > this.#limit) this.#overflow();
  }

  /** Events that wait are still delivered. */
  complete(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const reader of this.#readers.splice(0)) reader.resolve({ done: true, value: undefined });
  }

  /** Events that wait are delivered first. */
  fail(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const [first, ...others] = this.#readers.splice(0);
    if (first) first.reject(error);
    else this.#failure = { error };
    for (const reader of others) reader.resolve({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<Event>> {
    const event = this.#waiting.shift();
    if (event !== undefined) return Promise.resolve({ done: false, value: event });
    if (this.#failure) {
      const { error } = this.#failure;
      this.#failure = null;
      return Promise.reject(error);
    }
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
  }

  async return(): Promise<IteratorResult<Event>> {
    const wasOver = this.#isOver;
    this.#waiting.length = 0;
    this.#failure = null;
    this.complete();
    if (!wasOver) this.#onLeft();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #overflow(): void {
    this.#waiting.length = 0;
    this.fail(new RouterError("SLOW_CONSUMER", { limit: this.#limit }));
    this.#onLeft();
  }
}
