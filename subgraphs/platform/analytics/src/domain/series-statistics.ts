/** Statistics of a series as it is shown: buckets become observations, results become times again. */
import type { Interval } from "../tables.js";
import { type Anomaly, anomaliesOf } from "./anomalies.js";
import type { SeriesPoint } from "./fill-gaps.js";
import { type Forecast, forecastOf, leastHistory } from "./forecast.js";
import { bucketAfter, bucketsBetween, seasonOf } from "./time-buckets.js";
import { mostObservations, type Observation, type Trend, trendOf } from "./trend.js";

/** Null with fewer than three values, or more than the pairwise tests can take. */
export function trendOfSeries(points: readonly SeriesPoint[], interval: Interval): Trend | null {
  const observations = observationsOf(points, interval);
  return observations.length < 3 || observations.length > mostObservations ? null : trendOf(observations);
}

export function anomaliesOfSeries(points: readonly SeriesPoint[], interval: Interval): (Anomaly & { at: Date })[] {
  const known = points.filter(({ value }) => value !== null);
  if (known.length > mostObservations) return [];
  return anomaliesOf(observationsOf(points, interval), seasonOf(interval)).map((anomaly) => ({
    ...anomaly,
    at: (known[anomaly.index] as SeriesPoint).at,
  }));
}

export interface SeriesForecast extends Omit<Forecast, "steps"> {
  readonly points: readonly {
    readonly at: Date;
    readonly value: number;
    readonly low: number;
    readonly high: number;
  }[];
}

/** Null when the history is too short or has a gap: no method here knows what to do with one. */
export function forecastOfSeries(
  points: readonly SeriesPoint[],
  interval: Interval,
  steps: number,
): SeriesForecast | null {
  const observations = observationsOf(points, interval);
  const gapless = observations.every(({ x }, index) => x === index);
  if (!gapless || observations.length < leastHistory || observations.length > mostObservations) return null;
  const forecast = forecastOf(
    observations.map(({ y }) => y),
    seasonOf(interval),
    steps,
  );
  const last = points.findLast(({ value }) => value !== null);
  if (!forecast || !last) return null;
  const { steps: values, ...facts } = forecast;
  return {
    ...facts,
    points: values.map((value, step) => ({ at: bucketAfter(last.at, interval, step + 1), ...value })),
  };
}

function observationsOf(points: readonly SeriesPoint[], interval: Interval): Observation[] {
  const known = points.filter(({ value }) => value !== null);
  const first = known[0];
  return first ? known.map(({ at, value }) => ({ x: bucketsBetween(first.at, at, interval), y: Number(value) })) : [];
}
