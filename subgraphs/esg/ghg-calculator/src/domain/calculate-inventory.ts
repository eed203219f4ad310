/** All lines of a calculation: every entry, and scope 2 a second time by contractual instruments. Pure. */
import { CodedError } from "@tessera/subgraph";
import {
  type CalculationBasis,
  type CalculationEntry,
  calculateEntry,
  type FactorSource,
  regionOf,
} from "./calculate-entry.js";
import {
  type Consumption,
  type Cover,
  coverConsumption,
  type Instrument,
  type MarketCover,
} from "./cover-consumption.js";
import { type Decimal, decimal } from "./exact-decimal.js";
import { type ResultLine, scaleGases } from "./result-line.js";
import { commonDays, splitByYear } from "./split-period.js";
import { convert, unitKind } from "./units.js";

export interface EntryProblem {
  entryId: string;
  code: string;
  message: string;
}

export interface Inventory {
  lines: ResultLine[];
  market: MarketCover;
  /** Entries without a result. A calculation with problems is not complete and must not be stored. */
  problems: EntryProblem[];
}

export function calculateInventory(
  basis: CalculationBasis,
  entries: readonly CalculationEntry[],
  instruments: readonly Instrument[],
  factors: FactorSource,
): Inventory {
  const problems: EntryProblem[] = [];
  const lines = entries.flatMap((entry) => {
    try {
      return calculateEntry(entry, basis, factors);
    } catch (error) {
      problems.push(problemOf(entry, error));
      return [];
    }
  });
  const { market, marketLines } = marketBased(basis, entries, lines, instruments);
  return { lines: [...lines, ...marketLines], market, problems };
}

/** Errors of the rules carry a code and say what to do; anything else is a fault of ours and goes on up. */
function problemOf(entry: CalculationEntry, error: unknown): EntryProblem {
  if (error instanceof CodedError) return { entryId: entry.id, code: error.code, message: error.message };
  throw error;
}

const isElectricity = ({ factor, convertedUnit }: ResultLine): boolean =>
  factor?.activity.startsWith("electricity") === true && unitKind(convertedUnit) === "energy";

function marketBased(
  basis: CalculationBasis,
  entries: readonly CalculationEntry[],
  lines: readonly ResultLine[],
  instruments: readonly Instrument[],
) {
  const located = lines.filter(({ scope }) => scope === "SCOPE_2");
  const electric = new Map(located.filter(isElectricity).map((line) => [line.entryId, line]));
  const consumptions = entries.flatMap((entry) => consumptionOf(entry, basis, electric.get(entry.id)));
  const market = coverConsumption(consumptions, instruments);
  const covered = market.covers.flatMap((cover) => {
    const line = electric.get(cover.consumptionId);
    return line ? [marketLine(line, cover)] : [];
  });
  // Heat, steam and vehicle kilometres have no instruments here: their location figure stands in both views.
  const others = located.filter((line) => !isElectricity(line)).map(asMarketLine);
  return { market, marketLines: [...covered, ...others] };
}

/** Reported kilowatt-hours of one entry, cut by year because an instrument covers its own vintage only. */
function consumptionOf(entry: CalculationEntry, basis: CalculationBasis, line: ResultLine | undefined): Consumption[] {
  const days = commonDays(entry.period, basis.period);
  if (!line || !days) return [];
  const kwh = decimal(convert(line.convertedQuantity, line.convertedUnit, "kWh")).times(line.share);
  return splitByYear(kwh, days).map(({ year, quantity }) => ({
    id: entry.id,
    market: regionOf(entry, basis),
    year,
    kwh: quantity,
    instrumentId: entry.instrumentId,
  }));
}

function marketLine(line: ResultLine, { kwh, instrument }: Cover): ResultLine {
  const common = {
    ...line,
    scope2Basis: "MARKET" as const,
    convertedQuantity: perShare(kwh, line.share),
    convertedUnit: "kWh",
  };
  if (instrument) {
    const kgCo2e = kwh.times(instrument.kgPerKwh);
    const gases = kgCo2e.isZero() ? {} : { UNSPLIT: kgCo2e };
    const kgPerUnit = decimal(instrument.kgPerKwh);
    return {
      ...common,
      method: "CONTRACTUAL_INSTRUMENT",
      factor: null,
      instrumentId: instrument.id,
      kgPerUnit,
      kgCo2e,
      gases,
    };
  }
  const quantity = decimal(convert(kwh, "kWh", line.convertedUnit));
  const unitsBehind = line.convertedQuantity.times(line.share);
  const part = unitsBehind.isZero() ? decimal(0) : quantity.dividedBy(unitsBehind);
  return {
    ...common,
    kgPerUnit: decimal(convert(1, "kWh", line.convertedUnit)).times(line.kgPerUnit),
    kgCo2e: quantity.times(line.kgPerUnit),
    gases: scaleGases(line.gases, part),
    remarks: [...line.remarks, "GRID_AVERAGE_FALLBACK"],
  };
}

/** Covers count reported kilowatt-hours; a line shows the consumption before consolidation, as all lines do. */
const perShare = (kwh: Decimal, share: Decimal): Decimal => (share.isZero() ? kwh : kwh.dividedBy(share));

const asMarketLine = (line: ResultLine): ResultLine => ({
  ...line,
  scope2Basis: "MARKET",
  remarks: [...line.remarks, "LOCATION_FACTOR_USED"],
});
