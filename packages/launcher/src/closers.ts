/** What was opened, closed in reverse order: once, however often somebody asks, and also in the middle of a start. */

/** Ends a start that was asked to stop before it was through. */
export class StartStopped extends Error {
  override readonly name = "StartStopped";
}

export interface Closable {
  close(): Promise<void>;
}

export class Closers {
  readonly #open: Closable[] = [];
  #closing: Promise<void> | undefined;

  /** Gives the part back. When the stop has begun already, closes it at once and throws StartStopped. */
  async add<Part extends Closable>(part: Part): Promise<Part> {
    if (!this.#closing) {
      this.#open.push(part);
      return part;
    }
    await part.close();
    throw new StartStopped("Stopped while starting.");
  }

  /** Closes everything, even when one part fails to; the first failure is thrown at the end. */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    const failures: unknown[] = [];
    for (let part = this.#open.pop(); part; part = this.#open.pop()) {
      await part.close().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }
}
