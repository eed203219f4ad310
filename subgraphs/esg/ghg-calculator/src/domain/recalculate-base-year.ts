/**
 * When and how the emissions of a base year are recalculated.
 * Source: GHG Protocol Corporate Standard ch. 5. Structural change, methods, factors and errors count; growth and
 * facilities that did not exist in the base year do not. Tonnes of CO2e.
 */
import { type Decimal, decimal, type Numeric, sum, zero } from "./exact-decimal.js";

export const baseYearChangeKinds = [
  "ACQUISITION",
  "DIVESTMENT",
  "INSOURCING",
  "OUTSOURCING",
  "METHOD_CHANGE",
  "FACTOR_CHANGE",
  "ERROR",
  "ORGANIC_CHANGE",
] as const;
export type BaseYearChangeKind = (typeof baseYearChangeKinds)[number];

export interface BaseYearChange {
  kind: BaseYearChangeKind;
  /** Effect on the base year's emissions; divestments and outsourcing are negative. */
  tonnesInBaseYear: Numeric;
  /** A facility that came into being later has no past to add. */
  existedInBaseYear: boolean;
}

export interface BaseYearAssessment {
  /** Sum of the changes that count. */
  change: Decimal;
  /** |change| relative to the base year; null when the base year is zero. */
  percent: Decimal | null;
  /** The change reaches the threshold. */
  significant: boolean;
  /** The base year as it has to be reported. */
  recalculated: Decimal;
}

export const countsForBaseYear = ({ kind, existedInBaseYear }: BaseYearChange): boolean =>
  kind !== "ORGANIC_CHANGE" && existedInBaseYear;

/** Small changes add up: they are judged together against the threshold in percent. */
export function assessBaseYear(
  base: Numeric,
  changes: readonly BaseYearChange[],
  thresholdPercent: Numeric = 5,
): BaseYearAssessment {
  const counted = changes.filter(countsForBaseYear).map(({ tonnesInBaseYear }) => tonnesInBaseYear);
  const change = sum(counted);
  const percent = decimal(base).isZero() ? null : change.abs().dividedBy(decimal(base).abs()).times(100);
  const significant =
    percent === null ? !change.isZero() : change.abs().greaterThan(zero) && percent.gte(thresholdPercent);
  return { change, percent, significant, recalculated: significant ? decimal(base).plus(change) : decimal(base) };
}
