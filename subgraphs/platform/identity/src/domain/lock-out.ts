/** How failed logins slow the next one down. Pure. */

/** Failures without consequence. */
const freeFailures = 4;
const firstLockSeconds = 30;
const longestLockSeconds = 3_600;
/** A quiet day starts the count afresh. */
export const forgottenAfterMs = 24 * 3_600_000;

export interface Attempts {
  readonly failures: number;
  readonly lastFailureAt: Date;
  readonly lockedUntil: Date | null;
}

/** Seconds until the next attempt is let through; 0 when one may try now. */
export function secondsLocked(attempts: Attempts | null, now: Date): number {
  const left = (attempts?.lockedUntil?.getTime() ?? 0) - now.getTime();
  return Math.max(0, Math.ceil(left / 1000));
}

/** The count after one more failure: from the fifth on a lock of 30 s that doubles each time, up to an hour. */
export function afterFailure(attempts: Attempts | null, now: Date): Attempts {
  const old = attempts !== null && now.getTime() - attempts.lastFailureAt.getTime() > forgottenAfterMs;
  const failures = (attempts === null || old ? 0 : attempts.failures) + 1;
  return { failures, lastFailureAt: now, lockedUntil: lockedUntil(failures, now) };
}

function lockedUntil(failures: number, now: Date): Date | null {
  if (failures <= freeFailures) return null;
  const seconds = Math.min(firstLockSeconds * 2 ** (failures - freeFailures - 1), longestLockSeconds);
  return new Date(now.getTime() + seconds * 1000);
}
