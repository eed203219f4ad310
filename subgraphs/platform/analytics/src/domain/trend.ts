/** Is there a trend, and how steep: Mann–Kendall says whether, Theil–Sen how much. Neither assumes a distribution. */
import { median, twoSidedNormal } from "./robust-statistics.js";

/** One observation: `x` counts intervals (gaps leave numbers out), `y` is the value. */
export interface Observation {
  readonly x: number;
  readonly y: number;
}

export interface Trend {
  readonly n: number;
  /** Change per interval: the median of all pairwise slopes. Sen (1968). */
  readonly slope: number;
  /** Median of y − slope·x. Conover (1999). */
  readonly intercept: number;
  /** Mann–Kendall statistic: later-is-higher pairs minus later-is-lower pairs. */
  readonly s: number;
  /** Variance of `s`, corrected for ties. */
  readonly variance: number;
  readonly z: number;
  /** Two-sided; exact for n ≤ 10 without ties, else the normal approximation with continuity correction. */
  readonly pValue: number;
  readonly direction: "RISING" | "FALLING" | "NONE";
}

/** Pairwise methods cost n²; more observations than this are refused by the caller, who picks a coarser interval. */
export const mostObservations = 1500;

/** Sources: Gilbert (1987) ch. 16; US EPA QA/G-9S §4.3.4; Sen (1968). `direction` is judged at `alpha`. */
export function trendOf(observations: readonly Observation[], alpha = 0.05): Trend {
  const s = kendallScore(observations);
  const ties = tieSizes(observations);
  const variance = kendallVariance(observations.length, ties);
  const z = s === 0 || variance === 0 ? 0 : (s - Math.sign(s)) / Math.sqrt(variance);
  const exact = observations.length <= 10 && ties.length === 0;
  const pValue = exact ? exactTwoSided(observations.length, s) : twoSidedNormal(z);
  const direction = pValue >= alpha || s === 0 ? "NONE" : s > 0 ? "RISING" : "FALLING";
  return { n: observations.length, ...theilSen(observations), s, variance, z, pValue, direction };
}

export function theilSen(observations: readonly Observation[]): { slope: number; intercept: number } {
  const slopes: number[] = [];
  forEachPair(observations, (earlier, later) => {
    if (later.x !== earlier.x) slopes.push((later.y - earlier.y) / (later.x - earlier.x));
  });
  const slope = slopes.length > 0 ? median(slopes) : 0;
  return { slope, intercept: median(observations.map(({ x, y }) => y - slope * x)) };
}

function kendallScore(observations: readonly Observation[]): number {
  let score = 0;
  forEachPair(observations, (earlier, later) => {
    score += Math.sign(later.y - earlier.y);
  });
  return score;
}

/** Var(S) = [n(n−1)(2n+5) − Σ t(t−1)(2t+5)] / 18 over groups of t equal values. */
function kendallVariance(n: number, ties: readonly number[]): number {
  const weight = (size: number) => size * (size - 1) * (2 * size + 5);
  return (weight(n) - ties.reduce((sum, size) => sum + weight(size), 0)) / 18;
}

function tieSizes(observations: readonly Observation[]): number[] {
  const counts = new Map<number, number>();
  for (const { y } of observations) counts.set(y, (counts.get(y) ?? 0) + 1);
  return [...counts.values()].filter((count) => count > 1);
}

/**
 * P(|S| ≥ |s|) when every order is equally likely. S = n(n−1)/2 − 2·inversions, so its distribution follows from the
 * number of permutations by inversions. Kendall (1975); tabulated in Gilbert (1987) table A18.
 */
export function exactTwoSided(n: number, s: number): number {
  const byInversions = permutationsByInversions(n);
  const pairs = (n * (n - 1)) / 2;
  const total = byInversions.reduce((sum, count) => sum + count, 0);
  const extreme = byInversions.filter((_, inversions) => Math.abs(pairs - 2 * inversions) >= Math.abs(s));
  return extreme.reduce((sum, count) => sum + count, 0) / total;
}

function permutationsByInversions(n: number): number[] {
  let counts = [1];
  for (let size = 2; size <= n; size++) {
    const next = new Array<number>(counts.length + size - 1).fill(0);
    counts.forEach((count, inversions) => {
      for (let added = 0; added < size; added++) next[inversions + added] = (next[inversions + added] ?? 0) + count;
    });
    counts = next;
  }
  return counts;
}

function forEachPair(list: readonly Observation[], visit: (earlier: Observation, later: Observation) => void): void {
  for (let first = 0; first < list.length; first++)
    for (let second = first + 1; second < list.length; second++)
      visit(list[first] as Observation, list[second] as Observation);
}
