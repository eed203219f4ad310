/** Values that do not fit the season they belong to. */
import { median, robustDeviation, score } from "./robust-statistics.js";
import { type Observation, trendOf } from "./trend.js";

export interface Anomaly {
  /** Position in the list that was given. */
  readonly index: number;
  readonly value: number;
  /** What the season (and the trend, where there is one) lets expect. */
  readonly expected: number;
  readonly score: number;
}

/** Iglewicz & Hoaglin recommend to label modified z-scores beyond this as outliers. */
export const anomalyLimit = 3.5;

/** Fewer full seasons than this say too little about a phase, so the whole series is compared with its median. */
const leastSeasons = 3;

/**
 * Seasonal robust z-scores 0.6745 (x − median) / MAD: the median is that of the value's phase, and the MAD is the
 * phase's own or that of all phases, whichever is wider. A phase that is restless every time (working hours, a harvest
 * month) is judged by its own spread, and one of a few equal values is not judged by none. `period` 1 means no season.
 */
export function seasonalScores(observations: readonly Observation[], period: number): number[] {
  const expected = seasonalMedians(observations, period);
  const residuals = observations.map(({ x, y }, index) => ({ x, y: y - (expected[index] ?? 0) }));
  const overall = robustDeviation(residuals.map(({ y }) => y));
  const own = new Map([...byPhase(residuals, period)].map(([phase, values]) => [phase, robustDeviation(values)]));
  return residuals.map(({ x, y }) => score(y, Math.max(overall, own.get(x % period) ?? 0)));
}

/** Anomalies of a series that may have a trend: a significant one is taken out first. */
export function anomaliesOf(observations: readonly Observation[], period: number): Anomaly[] {
  if (observations.length < 5) return [];
  const trend = trendOf(observations);
  const slope = trend.direction === "NONE" ? 0 : trend.slope;
  const level = observations.map(({ x, y }) => ({ x, y: y - slope * x }));
  const season = fullSeasons(observations, period) >= leastSeasons ? period : 1;
  const medians = seasonalMedians(level, season);
  return seasonalScores(level, season).flatMap((score, index) => {
    const { x, y } = observations[index] as Observation;
    if (Math.abs(score) <= anomalyLimit) return [];
    return [{ index, value: y, expected: (medians[index] ?? 0) + slope * x, score }];
  });
}

function seasonalMedians(observations: readonly Observation[], period: number): number[] {
  const medians = new Map([...byPhase(observations, period)].map(([phase, values]) => [phase, median(values)]));
  return observations.map(({ x }) => medians.get(x % period) ?? 0);
}

function byPhase(observations: readonly Observation[], period: number): Map<number, number[]> {
  const phases = new Map<number, number[]>();
  for (const { x, y } of observations) {
    const values = phases.get(x % period);
    if (values) values.push(y);
    else phases.set(x % period, [y]);
  }
  return phases;
}

function fullSeasons(observations: readonly Observation[], period: number): number {
  const first = observations[0]?.x ?? 0;
  const last = observations.at(-1)?.x ?? 0;
  return Math.floor((last - first + 1) / period);
}
