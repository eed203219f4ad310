/** A question for one series. Its id is the question itself, so a series is found again without being stored. */
import { errors } from "../errors.js";
import {
  type Aggregation,
  aggregations,
  type Dimensions,
  type Fill,
  fills,
  type Interval,
  intervals,
} from "../tables.js";
import { bucketOf, bucketsBetween } from "./time-buckets.js";

export interface SeriesRequest {
  readonly metricKey: string;
  readonly from: Date;
  readonly to: Date;
  readonly interval: Interval;
  readonly aggregation: Aggregation;
  readonly fill: Fill;
  readonly dimensions: Dimensions;
  /** One series per value of this dimension. */
  readonly groupBy: string | null;
}

/** A year of hours, or 27 years of days. */
export const mostBuckets = 10_000;

/** @throws RANGE_INVALID, RANGE_TOO_LONG */
export function checkRange({ from, to, interval }: Pick<SeriesRequest, "from" | "to" | "interval">): void {
  if (!(from < to)) throw errors.RANGE_INVALID();
  const buckets = bucketsBetween(bucketOf(from, interval), bucketOf(to, interval), interval) + 1;
  if (buckets > mostBuckets) throw errors.RANGE_TOO_LONG({ buckets, most: mostBuckets });
}

export function seriesIdOf(request: SeriesRequest): string {
  const { metricKey, from, to, interval, aggregation, fill, dimensions, groupBy } = request;
  const sorted = Object.entries(dimensions).sort(([one], [other]) => (one < other ? -1 : 1));
  const parts = [metricKey, from.toISOString(), to.toISOString(), interval, aggregation, fill, sorted, groupBy];
  return Buffer.from(JSON.stringify(parts)).toString("base64url");
}

/** The question behind an id; null for anything that is none. */
export function requestOfSeriesId(id: string): SeriesRequest | null {
  try {
    const parts: unknown = JSON.parse(Buffer.from(id, "base64url").toString());
    const request = readParts(parts);
    if (request) checkRange(request);
    return request;
  } catch {
    return null;
  }
}

function readParts(parts: unknown): SeriesRequest | null {
  if (!Array.isArray(parts) || parts.length !== 8) return null;
  const [metricKey, from, to, interval, aggregation, fill, dimensions, groupBy] = parts as unknown[];
  const sound =
    typeof metricKey === "string" &&
    isOneOf(intervals, interval) &&
    isOneOf(aggregations, aggregation) &&
    isOneOf(fills, fill) &&
    (groupBy === null || typeof groupBy === "string") &&
    isListOfPairs(dimensions);
  if (!sound) return null;
  const common = { metricKey, interval, aggregation, fill, groupBy, dimensions: Object.fromEntries(dimensions) };
  return { ...common, from: new Date(String(from)), to: new Date(String(to)) };
}

function isOneOf<Value extends string>(values: readonly Value[], value: unknown): value is Value {
  return values.some((each) => each === value);
}

function isListOfPairs(list: unknown): list is [string, string][] {
  const isPair = (pair: unknown) =>
    Array.isArray(pair) &&
    pair.length === 2 &&
    pair.every((part) => typeof part === "string" && !part.includes("\u0000"));
  return Array.isArray(list) && list.every(isPair);
}
