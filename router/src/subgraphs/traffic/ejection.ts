/** Leaves out an instance whose calls fail one after another; longer each time, until one of its calls succeeds. */
import type { EjectionOptions } from "./subgraph-traffic.js";

const longestFactor = 10;

export class EjectionState {
  readonly #options: Required<EjectionOptions>;
  #failures = 0;
  #times = 0;
  #outUntil = 0;

  constructor({ consecutiveFailures = 5, restMs = 10_000 }: EjectionOptions) {
    this.#options = { consecutiveFailures, restMs };
  }

  isOut(now: number): boolean {
    return now < this.#outUntil;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#times = 0;
  }

  failed(now: number): void {
    this.#failures += 1;
    if (this.#failures < this.#options.consecutiveFailures || this.isOut(now)) return;
    this.#times = Math.min(this.#times + 1, longestFactor);
    this.#outUntil = now + this.#options.restMs * this.#times;
    // One failure after the rest is enough to go again.
    this.#failures = this.#options.consecutiveFailures - 1;
  }
}
