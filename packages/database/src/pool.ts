/** A bounded set of connections with a bounded queue before it: when both are full, work is refused at once. */
import { describeTarget, type Target } from "./connection-url.js";
import type { Scope } from "./contract.js";
import { DatabaseError } from "./errors.js";
import { type Line, openLine } from "./line.js";
import { cancelled, coded, deadlinePassed, unavailable } from "./refusals.js";

type Patience = Pick<Scope, "signal" | "deadline">;
/** Takes a line, or with null the right to open one. */
type Waiter = (line: Line | null) => void;

const longestWaitMs = 30_000;
// Server processes grow with what they have served; a fresh one now and then gives that memory back.
const longestLifeMs = 30 * 60_000;

export class Pool {
  readonly #target: Target;
  readonly #size: number;
  readonly #maxWaiting: number;
  readonly #idle: Line[] = [];
  readonly #waiters = new Set<Waiter>();
  readonly #takenAt = new WeakMap<Line, number>();
  #open = 0;
  /** How long work holds a line, as a moving average. */
  #heldMs = 5;
  #closed = false;
  #whenEmpty = () => {};

  constructor(target: Target, size: number, maxWaiting: number) {
    this.#target = target;
    this.#size = size;
    this.#maxWaiting = maxWaiting;
  }

  /** @throws DatabaseError DATABASE_BUSY | DATABASE_UNAVAILABLE | QUERY_DEADLINE | QUERY_CANCELLED */
  async acquire(patience: Patience): Promise<Line> {
    if (this.#closed) throw unavailable("The database handle is closed", undefined);
    for (let line = this.#idle.pop(); line; line = this.#idle.pop()) {
      if (line.alive) return this.#taken(line);
      this.#drop(line);
    }
    if (this.#open < this.#size) return this.#connect();
    if (this.#waiters.size >= this.#maxWaiting) throw this.#busy();
    const line = await this.#wait(patience);
    return line ? this.#taken(line) : this.#connect();
  }

  release(line: Line): void {
    const held = performance.now() - (this.#takenAt.get(line) ?? 0);
    this.#heldMs = this.#heldMs * 0.9 + held * 0.1;
    if (this.#closed || !line.alive || Date.now() - line.openedAt > longestLifeMs) {
      this.#drop(line);
      this.#serveNext(null);
    } else if (!this.#serveNext(line)) this.#idle.push(line);
  }

  stats(): { inUse: number; waiting: number; size: number } {
    return { inUse: this.#open - this.#idle.length, waiting: this.#waiters.size, size: this.#size };
  }

  /** Waits at most five seconds for work under way. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const line of this.#idle.splice(0)) this.#drop(line);
    if (this.#open === 0) return;
    await new Promise<void>((resolve) => {
      this.#whenEmpty = resolve;
      setTimeout(resolve, 5000).unref();
    });
  }

  async #connect(): Promise<Line> {
    this.#open += 1;
    try {
      return this.#taken(await openLine(this.#target));
    } catch (error) {
      this.#shrink();
      this.#serveNext(null);
      throw unreachable(this.#target, error);
    }
  }

  #taken(line: Line): Line {
    this.#takenAt.set(line, performance.now());
    return line;
  }

  #drop(line: Line): void {
    line.end();
    this.#shrink();
  }

  #shrink(): void {
    this.#open -= 1;
    if (this.#open === 0) this.#whenEmpty();
  }

  #serveNext(line: Line | null): boolean {
    const [waiter] = this.#waiters;
    if (!waiter) return false;
    this.#waiters.delete(waiter);
    waiter(line);
    return true;
  }

  #wait({ signal, deadline }: Patience): Promise<Line | null> {
    return new Promise((resolve, reject) => {
      const left = deadline === undefined ? Number.POSITIVE_INFINITY : deadline - Date.now();
      const settle = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
        this.#waiters.delete(waiter);
      };
      const leave = (error: DatabaseError) => {
        settle();
        reject(error);
      };
      const waiter: Waiter = (line) => {
        settle();
        resolve(line);
      };
      const onAbort = () => leave(cancelled());
      const giveUp = () => leave(left < longestWaitMs ? deadlinePassed() : this.#busy());
      const timer = setTimeout(giveUp, Math.min(Math.max(left, 0), longestWaitMs));
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#waiters.add(waiter);
    });
  }

  #busy(): DatabaseError {
    const estimate = (this.#heldMs * this.#waiters.size) / this.#size;
    const retryAfterMs = Math.round(Math.min(5000, Math.max(50, estimate)));
    return new DatabaseError("DATABASE_BUSY", "The database has more work than it can take: try again in a moment.", {
      details: { retryAfterMs },
    });
  }
}

function unreachable(target: Target, error: unknown): DatabaseError {
  const raw = error as { code?: string; message?: string };
  if (raw.code && /^\d/.test(raw.code) && !/^(08|28|3D|53|57)/.test(raw.code)) return coded(error);
  return unavailable(`PostgreSQL at ${describeTarget(target)} gives no connection (${raw.message ?? raw.code})`, error);
}
