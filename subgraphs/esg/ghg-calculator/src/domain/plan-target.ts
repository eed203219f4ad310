/**
 * The path of a reduction target and how far an organization is on it. Tonnes of CO2e.
 * Source of the yearly rates: SBTi Corporate Net-Zero Standard, absolute contraction, in percent of the base year.
 */
import { Decimal, decimal, type Numeric, zero } from "./exact-decimal.js";

export const targetMethods = ["LINEAR", "SBTI_1_5C", "SBTI_WELL_BELOW_2C"] as const;
export type TargetMethod = (typeof targetMethods)[number];

const yearlyPercent: Record<Exclude<TargetMethod, "LINEAR">, string> = { SBTI_1_5C: "4.2", SBTI_WELL_BELOW_2C: "2.5" };

export interface TargetPath {
  method: TargetMethod;
  baseYear: number;
  baseTonnes: Numeric;
  targetYear: number;
  /** For LINEAR: reduction in the target year in percent of the base year. */
  reductionPercent: Numeric | null;
}

/** Reduction the target asks for by its last year, in percent of the base year, at most 100. */
export function reductionAtEnd({ method, baseYear, targetYear, reductionPercent }: TargetPath): Decimal {
  if (method === "LINEAR") return decimal(reductionPercent ?? 0);
  return Decimal.min(100, decimal(yearlyPercent[method]).times(targetYear - baseYear));
}

/** What may be emitted in `year`: the base before the base year, the straight line after it, level after the end. */
export function tonnesOnPath(path: TargetPath, year: number): Decimal {
  const years = path.targetYear - path.baseYear;
  const gone = Math.min(Math.max(year - path.baseYear, 0), years);
  const reduced = years === 0 ? zero : reductionAtEnd(path).times(gone).dividedBy(years);
  return decimal(path.baseTonnes).times(Decimal.sub(100, reduced)).dividedBy(100);
}

/** (base − now) / base in percent, negative for growth; null when there is no base to compare with. */
export function reductionSince(base: Numeric, now: Numeric): Decimal | null {
  if (decimal(base).lte(0)) return null;
  return decimal(base).minus(now).dividedBy(base).times(100);
}

export interface Progress {
  /** Reduction reached, percent of the base year. */
  reductionPercent: Decimal | null;
  /** Share of the whole target that is reached, percent; may exceed 100 or be negative. */
  achievedPercent: Decimal | null;
  allowedTonnes: Decimal;
  onTrack: boolean;
}

export function progressOf(path: TargetPath, year: number, tonnes: Numeric): Progress {
  const reductionPercent = reductionSince(path.baseTonnes, tonnes);
  const wanted = reductionAtEnd(path);
  const allowedTonnes = tonnesOnPath(path, year);
  return {
    reductionPercent,
    achievedPercent: reductionPercent === null || wanted.lte(0) ? null : reductionPercent.dividedBy(wanted).times(100),
    allowedTonnes,
    onTrack: decimal(tonnes).lte(allowedTonnes),
  };
}
