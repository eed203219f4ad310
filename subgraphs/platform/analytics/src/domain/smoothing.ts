/**
 * Exponential smoothing with trend, and with trend and season. Equations, state names and prediction intervals follow
 * Hyndman & Athanasopoulos, "Forecasting: Principles and Practice" (FPP): Holt §8.2, additive Holt–Winters §8.3,
 * variances §8.7 table 8.8 (with β = αβ*).
 */

export interface Weights {
  readonly alpha: number;
  /** β*, the weight of the newest change of level in the trend. */
  readonly beta: number;
  /** Weight of the newest season; absent for Holt's method. */
  readonly gamma?: number;
}

export interface States {
  readonly level: number;
  readonly trend: number;
  /** Additive seasonal terms of the next `period` steps, in order; empty for Holt's method. */
  readonly season: readonly number[];
}

export interface Smoothed extends States {
  /** One-step forecasts made before each value was known. */
  readonly fitted: readonly number[];
  readonly trends: readonly number[];
  readonly squaredError: number;
}

/** Holt's start: first value, first change. */
export function holtStart(values: readonly number[]): States {
  const [first = 0, second = first] = values;
  return { level: first, trend: second - first, season: [] };
}

/**
 * Start from the first two seasons: level and seasonal terms of the first, trend from the change between the two.
 * The "simple" start of the R package forecast.
 */
export function seasonalStart(values: readonly number[], period: number): States {
  const average = (from: number) => values.slice(from, from + period).reduce((sum, value) => sum + value, 0) / period;
  const level = average(0);
  return {
    level,
    trend: (average(period) - level) / period,
    season: values.slice(0, period).map((value) => value - level),
  };
}

/** Runs through `values` from the given start. With a season this is additive Holt–Winters, without it Holt's method. */
export function smooth(values: readonly number[], weights: Weights, start: States): Smoothed {
  const { alpha, beta, gamma = 0 } = weights;
  const season = [...start.season];
  const fitted: number[] = [];
  const trends: number[] = [];
  let { level, trend } = start;
  let squaredError = 0;
  for (const value of values) {
    const seasonal = season.shift() ?? 0;
    const before = level + trend;
    fitted.push(before + seasonal);
    squaredError += (value - before - seasonal) ** 2;
    const next = alpha * (value - seasonal) + (1 - alpha) * before;
    trend = beta * (next - level) + (1 - beta) * trend;
    level = next;
    if (start.season.length > 0) season.push(gamma * (value - before) + (1 - gamma) * seasonal);
    trends.push(trend);
  }
  return { level, trend, season, fitted, trends, squaredError };
}

/** Point forecast `steps` ahead (1 = the next value). */
export function ahead({ level, trend, season }: States, steps: number): number {
  const seasonal = season.length > 0 ? (season[(steps - 1) % season.length] ?? 0) : 0;
  return level + steps * trend + seasonal;
}

/** Variance of the error `steps` ahead, as a multiple of the one-step variance. */
export function varianceFactor({ alpha, beta: share, gamma = 0 }: Weights, period: number, steps: number): number {
  const beta = alpha * share;
  const trendPart = (steps - 1) * (alpha ** 2 + alpha * beta * steps + (beta ** 2 * steps * (2 * steps - 1)) / 6);
  const seasons = period > 1 ? Math.floor((steps - 1) / period) : 0;
  return 1 + trendPart + gamma * seasons * (2 * alpha + gamma + beta * period * (seasons + 1));
}

const grid = [0.01, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99];

/** Weights with the smallest squared one-step error: a coarse grid, then finer steps around its best point. */
export function fitWeights(values: readonly number[], start: States): Weights {
  const seasonal = start.season.length > 0;
  const candidates = grid.flatMap((alpha) =>
    grid.flatMap((beta) => (seasonal ? grid.map((gamma) => ({ alpha, beta, gamma })) : [{ alpha, beta }])),
  );
  const error = (weights: Weights) => smooth(values, weights, start).squaredError;
  return refine(best(candidates, error), error);
}

function refine(from: Weights, error: (weights: Weights) => number): Weights {
  let found = from;
  for (let step = 0.05; step > 0.002; step /= 2) {
    const names = (["alpha", "beta", "gamma"] as const).filter((name) => found[name] !== undefined);
    for (const name of names) found = best([found, moved(found, name, -step), moved(found, name, step)], error);
  }
  return found;
}

function moved(weights: Weights, name: keyof Weights, by: number): Weights {
  return { ...weights, [name]: Math.min(0.9999, Math.max(0.0001, (weights[name] ?? 0) + by)) };
}

function best(candidates: readonly Weights[], error: (weights: Weights) => number): Weights {
  const errors = candidates.map(error);
  const lowest = errors.reduce((least, value, index) => (value < (errors[least] ?? value) ? index : least), 0);
  return candidates[lowest] as Weights;
}
