/** How often things are used of late: a use counts half after `halfLifeMs`. */
export class UseCounts {
  readonly #halfLifeMs: number;
  readonly #now: () => number;
  readonly #counts = new Map<string, { score: number; at: number }>();

  constructor(options: { readonly halfLifeMs: number; readonly now?: () => number }) {
    this.#halfLifeMs = options.halfLifeMs;
    this.#now = options.now ?? Date.now;
  }

  add(key: string): void {
    const at = this.#now();
    const score = this.#score(key, at) + 1;
    this.#counts.set(key, { score, at });
  }

  delete(key: string): void {
    this.#counts.delete(key);
  }

  /** The `most` most used, the most used first. */
  hottest(most: number): string[] {
    const at = this.#now();
    const scored = [...this.#counts.keys()].map((key) => ({ key, score: this.#score(key, at) }));
    return scored
      .sort((a, b) => b.score - a.score)
      .slice(0, most)
      .map(({ key }) => key);
  }

  #score(key: string, at: number): number {
    const known = this.#counts.get(key);
    return known ? known.score * 2 ** ((known.at - at) / this.#halfLifeMs) : 0;
  }
}
