/** Order statistics and the normal distribution. Statistics work on binary floats; measured values never do. */

/** Middle value; the mean of the two middle ones for an even count. */
export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * Modified z-score 0.6745 (x − median) / MAD of every value. Source: Iglewicz & Hoaglin (1993), "How to Detect and
 * Handle Outliers", as given in the NIST/SEMATECH e-Handbook 1.3.5.17. All values equal gives zeros.
 */
export function modifiedZScores(values: readonly number[]): number[] {
  const centre = median(values);
  const scale = robustDeviation(values);
  return values.map((value) => score(value - centre, scale));
}

export function score(deviation: number, scale: number): number {
  return scale > 0 ? deviation / scale : 0;
}

/**
 * MAD / 0.6745, which estimates the standard deviation of a normal distribution. Where more than half of the values are
 * equal the MAD is 0; then 1.253314 times the mean absolute deviation takes its place, as Iglewicz & Hoaglin propose.
 */
export function robustDeviation(values: readonly number[]): number {
  const centre = median(values);
  const deviations = values.map((value) => Math.abs(value - centre));
  const mad = median(deviations);
  return mad > 0 ? mad / 0.6745 : 1.253314 * mean(deviations);
}

/** P(|Z| ≥ |z|) of the standard normal distribution. */
export function twoSidedNormal(z: number): number {
  return complementaryError(Math.abs(z) / Math.SQRT2);
}

/** erfc(x) for x ≥ 0: Maclaurin series near 0, continued fraction beyond. Source: Abramowitz & Stegun 7.1.5, 7.1.14. */
function complementaryError(x: number): number {
  return x < 2.5 ? 1 - errorSeries(x) : errorTail(x);
}

function errorSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= -(x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

function errorTail(x: number): number {
  let fraction = 0;
  for (let n = 60; n >= 1; n--) fraction = n / 2 / (x + fraction);
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * (x + fraction));
}
