/**
 * When requests run out of time. All of them have the same time, so the one that came first runs out first: a list in
 * the order of arrival and one timer are enough, and a request that ends in time costs two pointers.
 */
export class Deadlines {
  readonly timeoutMs: number;
  #first: Deadline | null = null;
  #last: Deadline | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(timeoutMs: number) {
    this.timeoutMs = timeoutMs;
  }

  /** Calls `expire` after `timeoutMs`, unless the deadline is removed before. */
  add(expire: () => void): Deadline {
    const deadline: Deadline = {
      at: Date.now() + this.timeoutMs,
      expire,
      before: this.#last,
      after: null,
      isKept: true,
    };
    if (this.#last) this.#last.after = deadline;
    else this.#first = deadline;
    this.#last = deadline;
    this.#timer ??= setTimeout(() => this.#tick(), this.timeoutMs).unref();
    return deadline;
  }

  remove(deadline: Deadline): void {
    if (!deadline.isKept) return;
    deadline.isKept = false;
    const { before, after } = deadline;
    if (before) before.after = after;
    else this.#first = after;
    if (after) after.before = before;
    else this.#last = before;
  }

  /** The timer stands for a request that may be over already; then it is set again for the first that is not. */
  #tick(): void {
    const now = Date.now();
    while (this.#first && this.#first.at <= now) {
      const { expire } = this.#first;
      this.remove(this.#first);
      expire();
    }
    this.#timer = this.#first ? setTimeout(() => this.#tick(), this.#first.at - now).unref() : null;
  }
}

export interface Deadline {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly expire: () => void;
  before: Deadline | null;
  after: Deadline | null;
  isKept: boolean;
}
