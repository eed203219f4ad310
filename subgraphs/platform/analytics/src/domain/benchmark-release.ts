/**
 * What is told about the figures of other organizations. Groups do not overlap, so no two of them can be subtracted;
 * fewer than five figures say nothing at all; a group is published anew only after five contributors changed, so that two
 * editions never differ by one organization; quartiles are rounded to two significant digits, because with few figures
 * an exact one is somebody's own.
 */
import { Decimal } from "decimal.js";
import type { sizeBands } from "../tables.js";

/** Smallest group that is published, and smallest change between two editions. */
export const leastContributors = 5;

export interface Contribution {
  /** Null for one that was withdrawn since the last edition. */
  readonly value: string | null;
  readonly changedAt: Date;
}

export interface Edition {
  readonly n: number;
  readonly lowerQuartile: string;
  readonly median: string;
  readonly upperQuartile: string;
}

export type Release = { readonly kind: "PUBLISH"; readonly edition: Edition } | { readonly kind: "KEEP" | "SUPPRESS" };

/** What to do with a group after a contribution changed. `publishedAt` is when the last edition appeared, if ever. */
export function releaseOf(contributions: readonly Contribution[], publishedAt: Date | null): Release {
  const values = contributions.flatMap(({ value }) => (value === null ? [] : [value]));
  if (values.length < leastContributors) return { kind: "SUPPRESS" };
  const changed = contributions.filter(({ changedAt }) => publishedAt === null || changedAt > publishedAt);
  if (changed.length < leastContributors) return { kind: "KEEP" };
  return { kind: "PUBLISH", edition: editionOf(values) };
}

function editionOf(values: readonly string[]): Edition {
  const sorted = values.map((value) => new Decimal(value)).sort((one, other) => one.comparedTo(other));
  const rounded = (share: number) => quantile(sorted, share).toSignificantDigits(2).toFixed();
  return { n: sorted.length, lowerQuartile: rounded(0.25), median: rounded(0.5), upperQuartile: rounded(0.75) };
}

/** Linear between order statistics: type 7 of Hyndman & Fan (1996), the default of R and of spreadsheets. */
export function quantile(sorted: readonly Decimal[], share: number): Decimal {
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)] as Decimal;
  const above = sorted[Math.ceil(position)] as Decimal;
  return below.plus(above.minus(below).times(position - Math.floor(position)));
}

export type Quarter = "LOWEST" | "SECOND" | "THIRD" | "HIGHEST";

/**
 * Where a figure stands, judged by the published quartiles only: trying out figures therefore teaches nothing that is
 * not published.
 */
export function quarterOf(value: string, { lowerQuartile, median, upperQuartile }: Omit<Edition, "n">): Quarter {
  const figure = new Decimal(value);
  if (figure.lessThan(lowerQuartile)) return "LOWEST";
  if (figure.lessThan(median)) return "SECOND";
  return figure.lessThan(upperQuartile) ? "THIRD" : "HIGHEST";
}

export type SizeBand = (typeof sizeBands)[number];

/** By headcount: Commission Recommendation 2003/361/EC, article 2 (its financial ceilings are left out). */
export function sizeBandOf(employees: number): SizeBand {
  if (employees < 10) return "MICRO";
  if (employees < 50) return "SMALL";
  return employees < 250 ? "MEDIUM" : "LARGE";
}
