/** One at a time, first come first served. */
export class Lock {
  #last: Promise<void> = Promise.resolve();

  /** Resolves with the function that lets the next one in. */
  async take(): Promise<() => void> {
    const before = this.#last;
    let release: () => void = () => {};
    this.#last = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    return release;
  }
}
