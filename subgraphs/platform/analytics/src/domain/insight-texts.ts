/** Findings in words. */
import type { Interval } from "../tables.js";
import type { SeriesPoint } from "./fill-gaps.js";
import { anomaliesOfSeries, forecastOfSeries, trendOfSeries } from "./series-statistics.js";

export interface InsightText {
  readonly kind: "TREND" | "ANOMALY" | "FORECAST";
  readonly title: string;
  readonly summary: string;
  readonly at: Date;
}

interface Named {
  readonly name: string;
  readonly unit: string;
}

/** Newest anomalies that are told; more would bury the rest. */
const mostAnomalies = 10;

export function insightsOf(metric: Named, interval: Interval, points: readonly SeriesPoint[]): InsightText[] {
  const last = points.at(-1);
  if (!last) return [];
  return [
    ...trendText(metric, interval, points, last.at),
    ...anomalyTexts(metric, interval, points),
    ...forecastText(metric, interval, points, last.at),
  ];
}

function trendText({ name, unit }: Named, interval: Interval, points: readonly SeriesPoint[], at: Date): InsightText[] {
  const trend = trendOfSeries(points, interval);
  if (!trend || trend.direction === "NONE") return [];
  const moves = trend.direction === "RISING" ? "rises" : "falls";
  const title = `${name} ${moves} by ${figure(Math.abs(trend.slope))} ${unit} a ${interval.toLowerCase()}`;
  const chance = trend.pValue < 0.001 ? "p < 0.001" : `p = ${trend.pValue.toFixed(3)}`;
  return [{ kind: "TREND", title, summary: `Theil–Sen slope over ${trend.n} values; Mann–Kendall ${chance}.`, at }];
}

function anomalyTexts({ name, unit }: Named, interval: Interval, points: readonly SeriesPoint[]): InsightText[] {
  return anomaliesOfSeries(points, interval)
    .slice(-mostAnomalies)
    .map(({ at, value, expected, score }) => ({
      kind: "ANOMALY",
      title: `${name} was unusually ${score > 0 ? "high" : "low"} in ${bucketName(at, interval)}`,
      summary: `${figure(value)} ${unit} instead of about ${figure(expected)} ${unit}; robust z-score ${score.toFixed(1)}.`,
      at,
    }));
}

function forecastText(
  { name, unit }: Named,
  interval: Interval,
  points: readonly SeriesPoint[],
  at: Date,
): InsightText[] {
  const forecast = forecastOfSeries(points, interval, 1);
  const [next] = forecast?.points ?? [];
  if (!forecast || !next) return [];
  const title = `${name} is expected to be ${figure(next.value)} ${unit} in ${bucketName(next.at, interval)}`;
  const errors = `error in the backtest ${percent(forecast.mape)}, of the naive method ${percent(forecast.naiveMape)}`;
  const summary = `95 % between ${figure(next.low)} and ${figure(next.high)} ${unit}; method ${forecast.method}, ${errors}.`;
  return [{ kind: "FORECAST", title, summary, at }];
}

function bucketName(at: Date, interval: Interval): string {
  const text = at.toISOString();
  if (interval === "QUARTER") return `${text.slice(0, 4)} Q${Math.floor(at.getUTCMonth() / 3) + 1}`;
  return {
    HOUR: `${text.slice(0, 13).replace("T", " ")}:00 UTC`,
    DAY: text.slice(0, 10),
    MONTH: text.slice(0, 7),
    YEAR: text.slice(0, 4),
  }[interval];
}

function figure(value: number): string {
  return new Intl.NumberFormat("en", { maximumSignificantDigits: 4 }).format(value);
}

function percent(value: number | null): string {
  return value === null ? "unknown" : `${value.toFixed(1)} %`;
}
