/**
 * Sliding windows by two counters: what was taken in the running window of the clock, and what was taken in the one
 * before, of which as much still counts as the sliding window reaches back into it. Two numbers for each subject, no
 * burst of twice the limit at a boundary, and what is refused does not count.
 */

/** What may be taken of one thing in one length of time. */
export interface WindowRule {
  readonly key: string;
  readonly limit: number;
  readonly windowMs: number;
}

/** After the take, or unchanged where it was refused. */
export interface WindowState {
  readonly previous: number;
  readonly current: number;
  /** Since the running window began. */
  readonly elapsedMs: number;
}

export interface WindowAnswer {
  readonly isAllowed: boolean;
  /** In the order of the rules. */
  readonly states: readonly WindowState[];
}

/** Takes of all rules or of none. */
export interface WindowStore {
  take(rules: readonly WindowRule[], amount: number): WindowAnswer | Promise<WindowAnswer>;
  close(): Promise<void>;
}

/** What counts now, of the previous window in proportion. */
export function countOf({ previous, current, elapsedMs }: WindowState, windowMs: number): number {
  return previous * (1 - elapsedMs / windowMs) + current;
}

/** Milliseconds until `amount` could be taken, should nothing else be; Infinity when it is more than the limit. */
export function waitFor(state: WindowState, { limit, windowMs }: WindowRule, amount: number): number {
  const { previous, current, elapsedMs } = state;
  if (countOf(state, windowMs) + amount <= limit) return 0;
  if (amount > limit) return Number.POSITIVE_INFINITY;
  if (current + amount <= limit) return windowMs * (1 - (limit - current - amount) / previous) - elapsedMs;
  return windowMs - elapsedMs + windowMs * Math.max(0, 1 - (limit - amount) / current);
}
