/** Events that wait for their reader: bounded, so that a slow reader costs memory only up to a limit. */
import { RouterError } from "../errors/router-error.js";

export class EventQueue<Event> implements AsyncIterableIterator<Event> {
  readonly #limit: number;
  readonly #onEnd: () => void;
  readonly #waiting: Event[] = [];
  #reader: { resolve(result: IteratorResult<Event>): void; reject(error: unknown): void } | null = null;
  #failure: { readonly error: unknown } | null = null;
  #isOver = false;

  /** `onEnd` runs once, when the reader leaves or falls too far behind. */
  constructor(limit: number, onEnd: () => void) {
    this.#limit = limit;
    this.#onEnd = onEnd;
  }

  push(event: Event): void {
    if (this.#isOver) return;
    if (this.#reader) {
      this.#reader.resolve({ done: false, value: event });
      this.#reader = null;
    } else if (this.#waiting.push(event) > this.#limit) {
      this.#waiting.length = 0;
      this.fail(new RouterError("SLOW_CONSUMER", { limit: this.#limit }));
      this.#onEnd();
    }
  }

  /** Events that wait are still delivered. */
  complete(): void {
    this.#isOver = true;
    this.#reader?.resolve({ done: true, value: undefined });
    this.#reader = null;
  }

  /** Events that wait are delivered first. */
  fail(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#reader) this.#reader.reject(error);
    else this.#failure = { error };
    this.#reader = null;
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
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }

  async return(): Promise<IteratorResult<Event>> {
    const wasOver = this.#isOver;
    this.#waiting.length = 0;
    this.complete();
    if (!wasOver) this.#onEnd();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
