/** What stands where no point was measured. */
import { Decimal } from "decimal.js";
import type { Fill, Interval } from "../tables.js";
import { bucketsIn } from "./time-buckets.js";

export interface SeriesPoint {
  readonly at: Date;
  /** Decimal; null in a gap that is shown as one. */
  readonly value: string | null;
  /** Measured points in the bucket; 0 in a gap. */
  readonly count: number;
}

// Interpolated values carry as many digits as a measured one may have.
const Precise = Decimal.clone({ precision: 60, toExpNeg: -100, toExpPos: 100 });

/**
 * Measured buckets in time order, completed over [from, to). NONE leaves gaps out, NULL shows them without value, ZERO as
 * 0, PREVIOUS repeats the last measured value and LINEAR draws a line between the measured neighbours; the last two
 * invent nothing before the first value, and LINEAR nothing after the last one.
 */
export function fillGaps(
  measured: readonly SeriesPoint[],
  from: Date,
  to: Date,
  interval: Interval,
  fill: Fill,
): SeriesPoint[] {
  if (fill === "NONE") return [...measured];
  const byTime = new Map(measured.map((point) => [point.at.getTime(), point]));
  const complete = bucketsIn(from, to, interval).map(
    (at) => byTime.get(at.getTime()) ?? { at, value: fill === "ZERO" ? "0" : null, count: 0 },
  );
  if (fill === "PREVIOUS") return carryForward(complete);
  return fill === "LINEAR" ? interpolate(complete) : complete;
}

function carryForward(points: readonly SeriesPoint[]): SeriesPoint[] {
  let last: string | null = null;
  return points.map((point) => {
    last = point.value ?? last;
    return { ...point, value: last };
  });
}

function interpolate(points: readonly SeriesPoint[]): SeriesPoint[] {
  const known = points.flatMap(({ value }, index) => (value === null ? [] : [{ index, value: new Precise(value) }]));
  return points.map((point, index) => {
    if (point.value !== null) return point;
    const before = known.findLast((other) => other.index < index);
    const after = known.find((other) => other.index > index);
    if (!before || !after) return point;
    const step = after.value.minus(before.value).dividedBy(after.index - before.index);
    return { ...point, value: before.value.plus(step.times(index - before.index)).toFixed() };
  });
}
