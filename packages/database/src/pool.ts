/** A bounded set of connections with a bounded queue before it: when both are full, work is refused at once. */
import { describeTarget, type Target } from "./connection-url.js";
import type { Scope } from "./contract.js";
import { DatabaseError } from "./errors.js";
import { type Line, openLine } from "./line.js";
import { cancelled, coded, deadlinePassed, unavailable } from "./refusals.js";

export interface Pool {
  /** @throws DatabaseError DATABASE_BUSY | DATABASE_UNAVAILABLE | QUERY_DEADLINE | QUERY_CANCELLED */
  acquire(scope: Pick<Scope, "signal" | "deadline">): Promise<Line>;
  release(line: Line): void;
  stats(): { inUse: number; waiting: number; size: number };
  close(): Promise<void>;
}

interface Waiter {
  readonly give: (line: Line | null) => void;
}

const longestWaitMs = 30_000;
// Server processes grow with what they have served; a fresh one now and then gives that memory back.
const longestLifeMs = 30 * 60_000;

export function createPool(target: Target, size: number, maxWaiting: number): Pool {
  const idle: Line[] = [];
  const waiters = new Set<Waiter>();
  let open = 0;
  let closed = false;
  let whenEmpty: (() => void) | null = null;
  let heldMs = 5;
  const since = new WeakMap<Line, number>();

  const drop = (line: Line) => {
    line.end();
    open -= 1;
    if (open === 0) whenEmpty?.();
  };
  const take = (line: Line) => {
    since.set(line, performance.now());
    return line;
  };
  const connect = async (): Promise<Line> => {
    open += 1;
    try {
      return take(await openLine(target));
    } catch (error) {
      open -= 1;
      if (open === 0) whenEmpty?.();
      next(null);
      throw unreachable(target, error);
    }
  };
  /** Hands a line, or the right to open one, to the longest waiting. */
  const next = (line: Line | null): boolean => {
    const [waiter] = waiters;
    if (!waiter) return false;
    waiters.delete(waiter);
    waiter.give(line);
    return true;
  };
  const busy = () =>
    new DatabaseError("DATABASE_BUSY", "The database has more work than it can take: try again in a moment.", {
      details: { retryAfterMs: Math.round(Math.min(5000, Math.max(50, (heldMs * waiters.size) / size))) },
    });
  const wait = (scope: Pick<Scope, "signal" | "deadline">) =>
    new Promise<Line | null>((resolve, reject) => {
      const leave = (error: DatabaseError) => {
        waiters.delete(waiter);
        settle();
        reject(error);
      };
      const late = scope.deadline !== undefined && scope.deadline - Date.now() < longestWaitMs;
      const patience = late ? Math.max(0, (scope.deadline ?? 0) - Date.now()) : longestWaitMs;
      const timer = setTimeout(() => leave(late ? deadlinePassed() : busy()), patience);
      const onAbort = () => leave(cancelled());
      const settle = () => {
        clearTimeout(timer);
        scope.signal?.removeEventListener("abort", onAbort);
      };
      const waiter: Waiter = {
        give: (line) => {
          settle();
          resolve(line);
        },
      };
      scope.signal?.addEventListener("abort", onAbort, { once: true });
      waiters.add(waiter);
    });

  return {
    async acquire(scope) {
      if (closed) throw unavailable("The database handle is closed", undefined);
      for (let line = idle.pop(); line; line = idle.pop()) {
        if (line.alive) return take(line);
        drop(line);
      }
      if (open < size) return connect();
      if (waiters.size >= maxWaiting) throw busy();
      const line = await wait(scope);
      return line ? take(line) : connect();
    },
    release(line) {
      heldMs = heldMs * 0.9 + (performance.now() - (since.get(line) ?? 0)) * 0.1;
      if (closed || !line.alive || Date.now() - line.openedAt > longestLifeMs) {
        drop(line);
        next(null);
      } else if (!next(line)) idle.push(line);
    },
    stats: () => ({ inUse: open - idle.length, waiting: waiters.size, size }),
    async close() {
      closed = true;
      for (const line of idle.splice(0)) drop(line);
      if (open > 0) {
        await Promise.race([
          new Promise<void>((resolve) => {
            whenEmpty = resolve;
          }),
          new Promise<void>((resolve) => setTimeout(resolve, 5000).unref()),
        ]);
      }
    },
  };
}

function unreachable(target: Target, error: unknown): DatabaseError {
  const raw = error as { code?: string; message?: string };
  if (raw.code && /^\d/.test(raw.code) && !/^(08|28|3D|53|57)/.test(raw.code)) return coded(error);
  return unavailable(`PostgreSQL at ${describeTarget(target)} gives no connection (${raw.message ?? raw.code})`, error);
}
