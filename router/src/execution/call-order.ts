/** When the calls of a program may begin: as soon as those they wait for are done. */
import type { CompiledCall } from "./compiled-call.js";

export class CallOrder {
  readonly #calls: readonly CompiledCall[];
  /** Of each call, how many it still waits for. */
  readonly #waits: number[];
  #left: number;

  constructor(calls: readonly CompiledCall[]) {
    this.#calls = calls;
    this.#waits = calls.map(({ waits }) => waits);
    this.#left = calls.length;
  }

  get isDone(): boolean {
    return this.#left === 0;
  }

  /** Begins those that wait for none. */
  start(begin: (call: CompiledCall) => void): void {
    for (const call of this.#calls) if (call.waits === 0) begin(call);
  }

  /** Begins those that waited for this one last. */
  done({ dependents }: CompiledCall, begin: (call: CompiledCall) => void): void {
    for (const dependent of dependents) {
      const waits = (this.#waits[dependent] ?? 0) - 1;
      this.#waits[dependent] = waits;
      const next = this.#calls[dependent];
      if (waits === 0 && next) begin(next);
    }
    this.#left -= 1;
  }
}
