/**
 * What comes next. Holt's method, additive Holt–Winters and the seasonal naive method compete on data they have not
 * seen; the naive figure always stands beside the chosen one, so a model that adds nothing shows.
 */
import { ahead, fitWeights, holtStart, seasonalStart, smooth, varianceFactor } from "./smoothing.js";

export type ForecastMethod = "NAIVE" | "SEASONAL_NAIVE" | "HOLT" | "HOLT_WINTERS";

export interface ForecastStep {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface Forecast {
  readonly method: ForecastMethod;
  readonly steps: readonly ForecastStep[];
  /** Mean absolute percentage error in the backtest; null where a true value was 0. */
  readonly mape: number | null;
  readonly naiveMethod: ForecastMethod;
  readonly naiveMape: number | null;
  /** One-step to many-step forecasts that were compared with what then happened. */
  readonly backtests: number;
}

type Model = (history: readonly number[], steps: number) => ForecastStep[];

/** 97.5 % point of the standard normal distribution: intervals hold 95 %. */
const z95 = 1.959963984540054;

/** Shorter series have no forecast: nothing would be left to test it on. */
export const leastHistory = 6;

/** What was longer ago says little, and finding weights costs time for every value: ten days of hours, 20 years of months. */
export const mostHistory = 240;

/** Forecasts `steps` values after `values`, which have no gaps. `period` 1 means no season. */
export function forecastOf(values: readonly number[], period: number, steps: number): Forecast | null {
  if (values.length < leastHistory) return null;
  const history = values.slice(-mostHistory);
  const season = history.length >= 3 * period ? period : 1;
  const models = modelsFor(season);
  const errors = new Map(models.map(([method, model]) => [method, backtest(model, history, season)]));
  const naiveMethod: ForecastMethod = season > 1 ? "SEASONAL_NAIVE" : "NAIVE";
  const [method, model] = models.reduce((best, other) =>
    meanError(errors.get(other[0])) < meanError(errors.get(best[0])) ? other : best,
  );
  const [mape, naiveMape] = [method, naiveMethod].map((name) => percentage(errors.get(name) ?? []));
  return {
    method,
    steps: model(history, steps),
    mape: mape ?? null,
    naiveMethod,
    naiveMape: naiveMape ?? null,
    backtests: errors.get(method)?.length ?? 0,
  };
}

/** The naive method comes first, so that it wins a draw. A season needs two full rounds besides the one tested on. */
function modelsFor(period: number): [ForecastMethod, Model][] {
  const naive: Model = (history, steps) => seasonalNaive(history, period, steps);
  const holt: Model = (history, steps) => smoothed(history, 1, steps);
  const winters: Model = (history, steps) => smoothed(history, period, steps);
  return period > 1
    ? [
        ["SEASONAL_NAIVE", naive],
        ["HOLT", holt],
        ["HOLT_WINTERS", winters],
      ]
    : [
        ["NAIVE", naive],
        ["HOLT", holt],
      ];
}

/** Last season again; variance grows with every further season. FPP §5.2 and §5.5. */
export function seasonalNaive(history: readonly number[], period: number, steps: number): ForecastStep[] {
  const errors = history.slice(period).map((value, index) => value - (history[index] ?? value));
  const deviation = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / Math.max(1, errors.length));
  return Array.from({ length: steps }, (_, step) => {
    const value = history[history.length - period + (step % period)] ?? Number.NaN;
    return interval(value, deviation * Math.sqrt(Math.floor(step / period) + 1));
  });
}

function smoothed(history: readonly number[], period: number, steps: number): ForecastStep[] {
  const start = period > 1 ? seasonalStart(history, period) : holtStart(history);
  const weights = fitWeights(history, start);
  const states = smooth(history, weights, start);
  const deviation = Math.sqrt(states.squaredError / Math.max(1, history.length - (period > 1 ? 3 : 2)));
  return Array.from({ length: steps }, (_, step) =>
    interval(ahead(states, step + 1), deviation * Math.sqrt(varianceFactor(weights, period, step + 1))),
  );
}

function interval(value: number, deviation: number): ForecastStep {
  return { value, low: value - z95 * deviation, high: value + z95 * deviation };
}

interface BacktestError {
  readonly actual: number;
  readonly error: number;
}

/** Rolling origin: forecast from several earlier ends of the series and compare with what followed. FPP §5.10. */
function backtest(model: Model, history: readonly number[], period: number): BacktestError[] {
  const kept = Math.max(period > 1 ? 2 * period : 4, history.length - Math.max(3, period));
  const origins = Array.from(
    { length: Math.min(4, history.length - kept) },
    (_, index) => kept + Math.floor((index * (history.length - kept)) / Math.min(4, history.length - kept)),
  );
  return origins.flatMap((origin) => {
    const actuals = history.slice(origin);
    const predicted = model(history.slice(0, origin), actuals.length);
    return actuals.map((actual, index) => ({ actual, error: Math.abs(actual - (predicted[index]?.value ?? actual)) }));
  });
}

function meanError(errors: readonly BacktestError[] = []): number {
  return errors.reduce((sum, { error }) => sum + error, 0) / Math.max(1, errors.length);
}

function percentage(errors: readonly BacktestError[]): number | null {
  if (errors.length === 0 || errors.some(({ actual }) => actual === 0)) return null;
  return (100 * errors.reduce((sum, { actual, error }) => sum + error / Math.abs(actual), 0)) / errors.length;
}
