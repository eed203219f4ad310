/** The totals of a result, added up from its lines. kg CO2e. */
import { type UncertainFigure, uncertaintyOfCorrelatedSum, uncertaintyOfSum } from "./combine-uncertainty.js";
import { type Decimal, sum, zero } from "./exact-decimal.js";
import { addGas, type Gases, type GasGroup, gasGroups, type ResultLine, type Scope2Basis } from "./result-line.js";

export interface Summary {
  scope1: Decimal;
  scope2Location: Decimal;
  scope2Market: Decimal;
  scope3: Decimal;
  /** Scopes 1, 2 (by `totalUses`) and 3. */
  total: Decimal;
  /** Outside of scopes and not in the total. */
  biogenicCo2: Decimal;
  /** Categories with at least one line, in order. */
  scope3Categories: { category: number; kgCo2e: Decimal }[];
  /** Of the total, by group of gases. */
  gases: { gas: GasGroup; kgCo2e: Decimal }[];
  /** Half the 95 % interval of the total, over the entries that state an uncertainty; null when none does. */
  uncertaintyPercent: Decimal | null;
  /** How much of the total states one. */
  uncertaintyCoveragePercent: Decimal;
}

const kg = (lines: readonly ResultLine[]): Decimal => sum(lines.map(({ kgCo2e }) => kgCo2e));

export function summarizeLines(lines: readonly ResultLine[], totalUses: Scope2Basis): Summary {
  const counted = lines.filter(({ scope2Basis }) => scope2Basis === null || scope2Basis === totalUses);
  const inScopes = counted.filter(({ scope }) => scope !== "OUTSIDE_OF_SCOPES");
  const scope3 = lines.filter(({ scope }) => scope === "SCOPE_3");
  const scope2 = lines.filter(({ scope }) => scope === "SCOPE_2");
  return {
    scope1: kg(lines.filter(({ scope }) => scope === "SCOPE_1")),
    scope2Location: kg(scope2.filter(({ scope2Basis }) => scope2Basis === "LOCATION")),
    scope2Market: kg(scope2.filter(({ scope2Basis }) => scope2Basis === "MARKET")),
    scope3: kg(scope3),
    total: kg(inScopes),
    biogenicCo2: sum(counted.map(({ biogenicKgCo2 }) => biogenicKgCo2)),
    scope3Categories: byCategory(scope3),
    gases: byGas(inScopes),
    ...uncertainty(inScopes),
  };
}

function byCategory(lines: readonly ResultLine[]): Summary["scope3Categories"] {
  const categories = [...new Set(lines.map(({ scope3Category }) => scope3Category ?? 0))].sort((a, b) => a - b);
  return categories.map((category) => ({
    category,
    kgCo2e: kg(lines.filter(({ scope3Category }) => scope3Category === category)),
  }));
}

function byGas(lines: readonly ResultLine[]): Summary["gases"] {
  const total = lines
    .flatMap(({ gases }) => Object.entries(gases) as [GasGroup, Decimal][])
    .reduce<Gases>((gases, [gas, amount]) => addGas(gases, gas, amount), {});
  return gasGroups.flatMap((gas) => (total[gas] ? [{ gas, kgCo2e: total[gas] }] : []));
}

/** Lines of one entry err together, entries independently of each other (IPCC eq. 3.2). */
function uncertainty(lines: readonly ResultLine[]): Pick<Summary, "uncertaintyPercent" | "uncertaintyCoveragePercent"> {
  const stated = lines.filter(({ uncertaintyPercent }) => uncertaintyPercent !== null);
  const total = kg(lines);
  const coverage = total.isZero() ? zero : kg(stated).dividedBy(total).times(100);
  const byEntry = new Map<string, ResultLine[]>();
  for (const line of stated) byEntry.set(line.entryId, [...(byEntry.get(line.entryId) ?? []), line]);
  const figures = [...byEntry.values()].map(figureOf);
  return {
    uncertaintyPercent: figures.length === 0 ? null : uncertaintyOfSum(figures),
    uncertaintyCoveragePercent: coverage,
  };
}

function figureOf(lines: ResultLine[]): UncertainFigure {
  const figures = lines.map(({ kgCo2e, uncertaintyPercent }) => ({
    value: kgCo2e,
    percent: uncertaintyPercent ?? zero,
  }));
  return { value: kg(lines), percent: uncertaintyOfCorrelatedSum(figures) };
}
