/** A bucket of tokens: every call puts a part of one in, every repetition takes a whole one out. */
export class RetryBudget {
  readonly #perCall: number;
  readonly #most: number;
  #tokens: number;

  /** Starts full, so that the first failure after a start may be repeated. */
  constructor(percent: number, reserve: number) {
    this.#perCall = percent / 100;
    this.#most = reserve;
    this.#tokens = reserve;
  }

  deposit(): void {
    this.#tokens = Math.min(this.#most, this.#tokens + this.#perCall);
  }

  /** Whether a repetition may run. */
  withdraw(): boolean {
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
