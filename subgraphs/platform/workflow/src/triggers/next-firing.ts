/**
 * When a schedule is due. A wall-clock time that a change to summer time leaves out is due at the end of the gap; one
 * that a change to winter time has twice is due the first time only, unless the schedule repeats within the hour.
 */
import { Cron } from "croner";

/** The first time after `after`; `null` when there is none any more. */
export function nextFiring(cron: string, timeZone: string, after: Date): Date | null {
  return new Cron(cron, { timezone: timeZone, paused: true }).nextRun(after);
}

const mostCounted = 1_000;

/** How many times it was due after `from`, up to and including `until`; a thousand at most. */
export function countFirings(cron: string, timeZone: string, from: Date, until: Date): number {
  let count = 0;
  for (let at = nextFiring(cron, timeZone, from); at && at <= until; at = nextFiring(cron, timeZone, at)) {
    count += 1;
    if (count === mostCounted) break;
  }
  return count;
}
