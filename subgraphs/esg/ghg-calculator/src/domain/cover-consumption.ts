/**
 * Scope 2, market-based: which contractual instrument answers for which kilowatt-hour.
 * Source: GHG Protocol Scope 2 Guidance ch. 6 and 7 (hierarchy of emission factors, quality criteria). Per slice the
 * first that is available: certificate or direct contract, supplier-specific rate, residual mix, grid average. An
 * instrument covers consumption of its own market and vintage only; what it has left over carries nowhere.
 */
import { Decimal, decimal, type Numeric, zero } from "./exact-decimal.js";

export const instrumentKinds = ["CERTIFICATE", "DIRECT_CONTRACT", "SUPPLIER_RATE", "RESIDUAL_MIX"] as const;
export type InstrumentKind = (typeof instrumentKinds)[number];

export const qualityCriteria = [
  "CONVEYS_EMISSION_RATE",
  "ONLY_CLAIM",
  "RETIRED_FOR_REPORTER",
  "VINTAGE_NEAR_CONSUMPTION",
  "SAME_MARKET",
  "UTILITY_MIX_AFTER_CERTIFICATES",
  "CONTRACT_CONVEYS_CLAIM",
  "RESIDUAL_MIX_AVAILABLE",
] as const;
export type QualityCriterion = (typeof qualityCriteria)[number];

export interface Instrument {
  id: string;
  kind: InstrumentKind;
  /** Region of the electricity market, such as GB or US-CAMX. */
  market: string;
  vintage: number;
  /** Null: as much as is consumed. Only a supplier rate and a residual mix may be open-ended. */
  kwh: Numeric | null;
  kgPerKwh: Numeric;
  criteriaMet: readonly QualityCriterion[];
}

export interface Consumption {
  id: string;
  market: string;
  year: number;
  kwh: Numeric;
  /** The instrument this consumption was bought with, served before all others. */
  instrumentId?: string | null;
}

export interface Cover {
  consumptionId: string;
  year: number;
  kwh: Decimal;
  /** Null: no instrument, so the grid average of the location applies and is disclosed. */
  instrument: Instrument | null;
}

export interface MarketCover {
  covers: Cover[];
  /** Instruments not counted, with the criteria they miss. */
  refused: { id: string; missing: QualityCriterion[] }[];
  /** Volume of certificates and contracts beyond the consumption of their market and vintage. */
  excess: { id: string; kwh: Decimal }[];
  /** Consumption for which only the grid average was left. */
  gridAverageKwh: Decimal;
}

const always: readonly QualityCriterion[] = [
  "CONVEYS_EMISSION_RATE",
  "ONLY_CLAIM",
  "RETIRED_FOR_REPORTER",
  "VINTAGE_NEAR_CONSUMPTION",
  "SAME_MARKET",
];
const required: Record<InstrumentKind, readonly QualityCriterion[]> = {
  CERTIFICATE: always,
  DIRECT_CONTRACT: [...always, "CONTRACT_CONVEYS_CLAIM"],
  SUPPLIER_RATE: [...always, "UTILITY_MIX_AFTER_CERTIFICATES"],
  RESIDUAL_MIX: ["RESIDUAL_MIX_AVAILABLE"],
};

/** What an instrument of this kind must meet and does not. A residual mix of zero is not a mix (AIB on Austria). */
export function missingCriteria(instrument: Instrument): QualityCriterion[] {
  if (instrument.kind === "RESIDUAL_MIX" && decimal(instrument.kgPerKwh).lte(0)) return ["RESIDUAL_MIX_AVAILABLE"];
  return required[instrument.kind].filter((criterion) => !instrument.criteriaMet.includes(criterion));
}

interface Slice {
  consumption: Consumption;
  open: Decimal;
}
interface Stock {
  instrument: Instrument;
  /** Null: unlimited. */
  left: Decimal | null;
}

function draw(slice: Slice, stock: Stock): Cover | null {
  const kwh = stock.left === null ? slice.open : Decimal.min(slice.open, stock.left);
  if (kwh.lte(0)) return null;
  slice.open = slice.open.minus(kwh);
  if (stock.left !== null) stock.left = stock.left.minus(kwh);
  return { consumptionId: slice.consumption.id, year: slice.consumption.year, kwh, instrument: stock.instrument };
}

/** A market holds its subregions: an instrument of US serves consumption in US-CAMX. */
const sameMarket = (market: string, region: string): boolean => region === market || region.startsWith(`${market}-`);

const serves = ({ instrument }: Stock, { consumption }: Slice): boolean =>
  sameMarket(instrument.market, consumption.market) && instrument.vintage === consumption.year;

function drawAll(slices: Slice[], stocks: Stock[], wanted: (slice: Slice, stock: Stock) => boolean): Cover[] {
  const pairs = slices.flatMap((slice) => stocks.map((stock) => [slice, stock] as const));
  return pairs
    .filter(([slice, stock]) => serves(stock, slice) && wanted(slice, stock))
    .map(([slice, stock]) => draw(slice, stock))
    .filter((cover) => cover !== null);
}

const hierarchy: readonly (readonly InstrumentKind[])[] = [
  ["CERTIFICATE", "DIRECT_CONTRACT"],
  ["SUPPLIER_RATE"],
  ["RESIDUAL_MIX"],
];

/** Covers every kilowatt-hour exactly once. Consumption is served in the order given. */
export function coverConsumption(
  consumptions: readonly Consumption[],
  instruments: readonly Instrument[],
): MarketCover {
  const refused = instruments
    .map((instrument) => ({ id: instrument.id, missing: missingCriteria(instrument) }))
    .filter(({ missing }) => missing.length > 0);
  const stocks = instruments
    .filter(({ id }) => !refused.some((one) => one.id === id))
    .map((instrument): Stock => ({ instrument, left: instrument.kwh === null ? null : decimal(instrument.kwh) }));
  const slices = consumptions.map((consumption): Slice => ({ consumption, open: decimal(consumption.kwh) }));

  const covers = drawAll(
    slices,
    stocks,
    ({ consumption }, { instrument }) => consumption.instrumentId === instrument.id,
  );
  for (const kinds of hierarchy) {
    covers.push(...drawAll(slices, stocks, (_, { instrument }) => kinds.includes(instrument.kind)));
  }
  const uncovered = slices.filter(({ open }) => open.greaterThan(0)).map(gridAverage);
  return { covers: [...covers, ...uncovered], refused, excess: leftOver(stocks), gridAverageKwh: totalKwh(uncovered) };
}

const gridAverage = ({ consumption, open }: Slice): Cover => ({
  consumptionId: consumption.id,
  year: consumption.year,
  kwh: open,
  instrument: null,
});

const leftOver = (stocks: Stock[]): { id: string; kwh: Decimal }[] =>
  stocks.flatMap(({ instrument, left }) => (left?.greaterThan(0) ? [{ id: instrument.id, kwh: left }] : []));

const totalKwh = (covers: readonly Cover[]): Decimal =>
  covers.reduce<Decimal>((total, { kwh }) => total.plus(kwh), zero);
