/**
 * Uncertainty of products and sums. A figure's uncertainty is half its 95 % interval in percent.
 * Formulas: IPCC 2006 Guidelines vol. 1 ch. 3, equations 3.1 and 3.2; pedigree matrix as in the GHG Protocol's
 * Quantitative Inventory Uncertainty guidance.
 */
import { Decimal, decimal, type Numeric, sum, zero } from "./exact-decimal.js";

export interface UncertainFigure {
  value: Numeric;
  percent: Numeric;
}

/** Equation 3.1: factors multiplied with each other, such as activity data and emission factor. */
export const uncertaintyOfProduct = (percents: readonly Numeric[]): Decimal =>
  sum(percents.map((percent) => decimal(percent).pow(2))).sqrt();

/** Equation 3.2: independent figures added up. Zero when the total is zero. */
export function uncertaintyOfSum(figures: readonly UncertainFigure[]): Decimal {
  const total = sum(figures.map(({ value }) => value)).abs();
  if (total.isZero()) return zero;
  const squares = figures.map(({ value, percent }) => decimal(value).times(percent).pow(2));
  return sum(squares).sqrt().dividedBy(total);
}

/** Figures that err together, such as those sharing one emission factor, add up linearly. */
export function uncertaintyOfCorrelatedSum(figures: readonly UncertainFigure[]): Decimal {
  const total = sum(figures.map(({ value }) => value)).abs();
  if (total.isZero()) return zero;
  return sum(figures.map(({ value, percent }) => decimal(value).times(percent).abs())).dividedBy(total);
}

export type PedigreeGrade = "VERY_GOOD" | "GOOD" | "FAIR" | "POOR";
export const pedigreeIndicators = ["reliability", "completeness", "time", "geography", "technology"] as const;
export type Pedigree = Record<(typeof pedigreeIndicators)[number], PedigreeGrade>;

const pedigreeFactors: Record<(typeof pedigreeIndicators)[number], Record<PedigreeGrade, string>> = {
  reliability: { VERY_GOOD: "1", GOOD: "1.1", FAIR: "1.2", POOR: "1.5" },
  completeness: { VERY_GOOD: "1", GOOD: "1.05", FAIR: "1.1", POOR: "1.2" },
  time: { VERY_GOOD: "1", GOOD: "1.1", FAIR: "1.2", POOR: "1.5" },
  geography: { VERY_GOOD: "1", GOOD: "1.02", FAIR: "1.05", POOR: "1.1" },
  technology: { VERY_GOOD: "1", GOOD: "1.2", FAIR: "1.5", POOR: "2" },
};

/** σg² = exp(√Σ ln(U)²): the 95 % interval of a graded figure runs from mean ÷ σg² to mean × σg². */
export function geometricDeviation(pedigree: Pedigree): Decimal {
  const logarithms = pedigreeIndicators.map((indicator) =>
    Decimal.ln(pedigreeFactors[indicator][pedigree[indicator]]).pow(2),
  );
  return sum(logarithms).sqrt().exp();
}

/** The upper half of the pedigree interval in percent, comparable with the other uncertainties: (σg² − 1) · 100. */
export const pedigreePercent = (pedigree: Pedigree): Decimal => geometricDeviation(pedigree).minus(1).times(100);
