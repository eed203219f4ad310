/** A generator whose end somebody wants to know of, whether or not it was ever begun. */
export class Watched<Part> implements AsyncGenerator<Part, void, void> {
  readonly #parts: AsyncGenerator<Part, void, void>;
  readonly #onEnd: () => void;
  #isOver = false;

  /** `onEnd` runs once. */
  constructor(parts: AsyncGenerator<Part, void, void>, onEnd: () => void) {
    this.#parts = parts;
    this.#onEnd = onEnd;
  }

  async next(): Promise<IteratorResult<Part, void>> {
    try {
      const result = await this.#parts.next();
      if (result.done) this.#end();
      return result;
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  return(): Promise<IteratorResult<Part, void>> {
    return this.#parts.return().finally(() => this.#end());
  }

  throw(error: unknown): Promise<IteratorResult<Part, void>> {
    return this.#parts.throw(error).finally(() => this.#end());
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onEnd();
  }
}
