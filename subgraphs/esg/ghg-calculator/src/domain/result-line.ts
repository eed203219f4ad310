/** One line of a result: what was emitted by one entry in one stage, and everything needed to compute it again. */
import type { EmissionScope, Stage } from "../reference/pack.js";
import type { Decimal } from "./exact-decimal.js";

/** Named in every result; grows when a formula changes, so that an old figure can be explained by the old formula. */
export const formulaVersion = "tessera-ghg-1";

export type Scope2Basis = "LOCATION" | "MARKET";

/** OTHER: gases outside of the Kyoto Protocol. UNSPLIT: the factor says CO2e only. */
export const gasGroups = ["CO2", "CH4", "N2O", "HFCS", "PFCS", "SF6", "NF3", "OTHER", "UNSPLIT"] as const;
export type GasGroup = (typeof gasGroups)[number];
export type Gases = Partial<Record<GasGroup, Decimal>>;

const groupPatterns: readonly (readonly [RegExp, GasGroup])[] = [
  [/^CO2$/, "CO2"],
  [/^CH4/, "CH4"],
  [/^N2O$/, "N2O"],
  [/^SF6$/, "SF6"],
  [/^NF3$/, "NF3"],
  [/^HFC/, "HFCS"],
  [/^(PFC|CF4|C\d+F\d+|CC4F8|CF)/, "PFCS"],
];

/** The Kyoto group of one gas, by its usual names: "HFC-134a" and "HFC134a" are both HFCS. */
export const gasGroupOf = (gas: string): GasGroup =>
  groupPatterns.find(([pattern]) => pattern.test(gas.toUpperCase()))?.[1] ?? "OTHER";

export const addGas = (gases: Gases, group: GasGroup, kgCo2e: Decimal): Gases => ({
  ...gases,
  [group]: gases[group]?.plus(kgCo2e) ?? kgCo2e,
});

export const scaleGases = (gases: Gases, times: Decimal): Gases =>
  Object.fromEntries(Object.entries(gases).map(([group, kg]) => [group, kg.times(times)]));

/** What a reader of the line has to know beyond its numbers. */
export const remarks = [
  "PART_OF_PERIOD",
  "OUTSIDE_FACTOR_VALIDITY",
  "OUTSIDE_FACTOR_REGION",
  "GROSS_HEATING_VALUE_ASSUMED",
  "GWP_BASIS_OF_PUBLISHER",
  "GRID_AVERAGE_FALLBACK",
  "LOCATION_FACTOR_USED",
  "INTRA_GROUP",
] as const;
export type Remark = (typeof remarks)[number];

export const methods = [
  "ACTIVITY_TIMES_FACTOR",
  "SUPPLIER_SPECIFIC",
  "HYBRID",
  "SPEND_BASED",
  "SOLD_PRODUCT_USE",
  "END_OF_LIFE_TREATMENT",
  "REFRIGERANT_MASS_BALANCE",
  "REFRIGERANT_SCREENING",
  "INVESTMENT_ATTRIBUTION",
  "CHP_ALLOCATION",
  "GAS_VOLUME",
  "DISTANCE_WITH_EMPTY_RETURN",
  "CONTRACTUAL_INSTRUMENT",
  "GRID_LOSS",
] as const;
export type Method = (typeof methods)[number];

export interface ResultLine {
  entryId: string;
  siteId: string | null;
  siteName: string | null;
  activity: string;
  scope: EmissionScope;
  scope3Category: number | null;
  /** Set on lines of scope 2 only. */
  scope2Basis: Scope2Basis | null;
  stage: Stage;
  method: Method;
  /** As it was recorded. */
  quantity: Decimal;
  unit: string;
  /** The part inside the period, in the unit of the factor. */
  convertedQuantity: Decimal;
  convertedUnit: string;
  factor: FactorTrace | null;
  /** kg CO2e per converted unit, or kg biogenic CO2 on lines outside of scopes. */
  kgPerUnit: Decimal;
  instrumentId: string | null;
  /** Consolidation share, 0 to 1. */
  share: Decimal;
  kgCo2e: Decimal;
  biogenicKgCo2: Decimal;
  gases: Gases;
  uncertaintyPercent: Decimal | null;
  remarks: Remark[];
}

export interface FactorTrace {
  id: string;
  key: string;
  /** What the factor is filed under; an entry that names its factor may call itself otherwise. */
  activity: string;
  setKey: string;
  year: number;
  region: string;
}
