/** Calendar buckets in UTC. A bucket is named by its first instant; it ends where the next one begins. */
import type { Interval } from "../tables.js";

const hour = 3_600_000;
const monthsPer: Readonly<Partial<Record<Interval, number>>> = { MONTH: 1, QUARTER: 3, YEAR: 12 };

/** First instant of the bucket that `at` falls into. */
export function bucketOf(at: Date, interval: Interval): Date {
  const months = monthsPer[interval];
  if (!months) return new Date(at.getTime() - mod(at.getTime(), interval === "HOUR" ? hour : 24 * hour));
  const month = at.getUTCMonth();
  return new Date(Date.UTC(at.getUTCFullYear(), month - (month % months)));
}

/** First instant of the bucket `count` buckets after the one that starts at `bucket`. */
export function bucketAfter(bucket: Date, interval: Interval, count = 1): Date {
  const months = monthsPer[interval];
  if (!months) return new Date(bucket.getTime() + count * (interval === "HOUR" ? hour : 24 * hour));
  return new Date(Date.UTC(bucket.getUTCFullYear(), bucket.getUTCMonth() + count * months));
}

/** How many buckets lie between two bucket starts; negative when `to` is earlier. */
export function bucketsBetween(from: Date, to: Date, interval: Interval): number {
  const months = monthsPer[interval];
  if (!months) return Math.round((to.getTime() - from.getTime()) / (interval === "HOUR" ? hour : 24 * hour));
  const apart = (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth();
  return apart / months;
}

/** All buckets that touch [from, to). */
export function bucketsIn(from: Date, to: Date, interval: Interval): Date[] {
  const buckets: Date[] = [];
  for (let bucket = bucketOf(from, interval); bucket < to; bucket = bucketAfter(bucket, interval)) buckets.push(bucket);
  return buckets;
}

/** Buckets after which a season begins again: hours of a day, days of a week, months and quarters of a year. */
export function seasonOf(interval: Interval): number {
  return { HOUR: 24, DAY: 7, MONTH: 12, QUARTER: 4, YEAR: 1 }[interval];
}

function mod(value: number, by: number): number {
  return ((value % by) + by) % by;
}
