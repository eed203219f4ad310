import { setImmediate } from "node:timers/promises";

/** After so many events in a row other work of the process gets its turn, such as noticing that the client has left. */
const eventsPerTurn = 32;

/**
 * A stream of answers that ends at once when it is stopped. A native async generator would first wait for the event it
 * is waiting for, which may never come.
 */
export class EventStream<In, Out> implements AsyncGenerator<Out, void, void> {
  readonly #upstream: AsyncIterator<In>;
  readonly #complete: (event: In) => Promise<Out>;
  readonly #onEnd: () => void;
  readonly #ended: Promise<IteratorResult<Out, void>>;
  #end!: (result: IteratorResult<Out, void>) => void;
  #isOver = false;
  #count = 0;

  /** `onEnd` runs once, however the stream ends. */
  constructor(upstream: AsyncIterator<In>, complete: (event: In) => Promise<Out>, onEnd: () => void) {
    this.#upstream = upstream;
    this.#complete = complete;
    this.#onEnd = onEnd;
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** The next event is asked for when the last answer has been taken, so a slow client slows its own stream only. */
  async next(): Promise<IteratorResult<Out, void>> {
    if (this.#isOver) return { done: true, value: undefined };
    try {
      if (++this.#count % eventsPerTurn === 0) await setImmediate();
      const event = await Promise.race([this.#upstream.next(), this.#ended]);
      if (event.done || this.#isOver) return await this.return();
      const answer = await Promise.race([this.#complete(event.value as In), this.#ended]);
      return this.#isOver ? { done: true, value: undefined } : { done: false, value: answer as Out };
    } catch (error) {
      await this.return();
      throw error;
    }
  }

  async return(): Promise<IteratorResult<Out, void>> {
    const over: IteratorResult<Out, void> = { done: true, value: undefined };
    if (this.#isOver) return over;
    this.#isOver = true;
    this.#end(over);
    this.#onEnd();
    this.#upstream.return?.()?.catch(() => {});
    return over;
  }

  async throw(error: unknown): Promise<IteratorResult<Out, void>> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
