/** How many calls of the last moments failed, counted in ten slices of time. */
const slices = 10;

export class SlidingWindow {
  readonly #sliceMs: number;
  readonly #calls = new Array<number>(slices).fill(0);
  readonly #failures = new Array<number>(slices).fill(0);
  #current = 0;

  constructor(windowMs: number) {
    this.#sliceMs = windowMs / slices;
  }

  count(now: number, failed: boolean): void {
    const at = this.#advance(now);
    this.#calls[at] = (this.#calls[at] ?? 0) + 1;
    if (failed) this.#failures[at] = (this.#failures[at] ?? 0) + 1;
  }

  totals(now: number): { readonly calls: number; readonly failures: number } {
    this.#advance(now);
    return { calls: sum(this.#calls), failures: sum(this.#failures) };
  }

  clear(): void {
    this.#calls.fill(0);
    this.#failures.fill(0);
  }

  /** Empties the slices that have passed since the last look; the index of the present one. */
  #advance(now: number): number {
    const slice = Math.floor(now / this.#sliceMs);
    if (slice - this.#current >= slices) this.clear();
    else
      for (let passed = this.#current + 1; passed <= slice; passed++) {
        this.#calls[passed % slices] = 0;
        this.#failures[passed % slices] = 0;
      }
    this.#current = Math.max(slice, this.#current);
    return this.#current % slices;
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
