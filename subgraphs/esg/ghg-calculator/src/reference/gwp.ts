/**
 * Global warming potentials over 100 years (IPCC SAR to AR6) and what follows from them: CO2e of a split by gas, and the
 * potential of a refrigerant blend under any basis.
 */
import { type Decimal, decimal, plain, sum, zero } from "../domain/exact-decimal.js";
import { errors } from "../errors.js";
import { type GasAmount, type GwpBasis, type PackRow, readPack, readPackRows } from "./pack.js";

/** kg CO2e per kg; a basis that says nothing about the gas is absent. */
export interface Gwp {
  species: string;
  gwp100: Partial<Record<GwpBasis, string>>;
}

export interface RefrigerantGwp {
  /** Recomputed from the composition under the basis asked for, not rounded. */
  gwp: string;
  /** What the publisher prints (AR5, rounded); null for single gases that are not in its table. */
  published: string | null;
  /** Shares of mass, 0 to 1. */
  composition: { gas: string; share: string }[];
  note: string | null;
}

export interface GasTotals {
  /** kg CO2e per unit, biogenic CO2 left out. */
  kgCo2e: string;
  /** kg CO2e per unit by gas, biogenic CO2 left out. */
  byGas: Record<string, string>;
  /** kg of biogenic CO2 per unit, outside of the scopes. */
  biogenicKgCo2: string;
}

const bases = ["SAR", "TAR", "AR4", "AR5", "AR6"] as const;
/** Names publishers use for what IPCC lists by formula. */
const formulas: ReadonlyMap<string, string> = new Map(
  Object.entries({
    carbondioxide: "co2",
    methane: "ch4",
    nitrousoxide: "n2o",
    sulfurhexafluoride: "sf6",
    sulphurhexafluoride: "sf6",
    nitrogentrifluoride: "nf3",
    pfc14: "cf4",
    pfc116: "c2f6",
    pfc218: "c3f8",
    pfc318: "cc4f8",
    pfc3110: "c4f10",
    pfc4112: "c5f12",
    pfc5114: "c6f14",
    pfc9118: "c10f18",
  }),
);
const kilograms = { KG: decimal(1), G: decimal("0.001"), LB: decimal("0.45359237") } as const;

const once = <T>(read: () => T): (() => T) => {
  let value: T | undefined;
  return () => {
    value ??= read();
    return value;
  };
};
const named = (gas: string): string => {
  const name = gas.toLowerCase().replace(/[^a-z0-9]/g, "");
  return formulas.get(name) ?? name;
};

/** All gases IPCC gives a 100-year potential for. */
export const gwps: () => readonly Gwp[] = once(() =>
  readPack("ipcc-gwp").records.map((record) => ({
    species: String(record.species),
    gwp100: Object.fromEntries(bases.flatMap((basis) => (record[basis] ? [[basis, String(record[basis])]] : []))),
  })),
);
const byName = once(() => new Map(gwps().map((gwp) => [named(gwp.species), gwp])));
const blends = once(
  () => new Map(readPackRows(readPack("epa-refrigerants")).map((row) => [named(row.level3), row] as const)),
);

/** kg CO2e per kg of a gas such as `CH4`, `HFC-134a` or `PFC-14`. Biogenic CO2 weighs nothing. @throws GWP_UNKNOWN */
export function gwp100(species: string, basis: GwpBasis): string {
  if (species === "CO2_BIOGENIC") return "0";
  const value = byName().get(named(species))?.gwp100[basis];
  if (value === undefined) throw errors.GWP_UNKNOWN({ gas: species, basis });
  return value;
}

/** Adds up a split by gas under a basis. Amounts the publisher weighted already are re-weighted from `publishedBasis`. */
export function co2eOf(gases: readonly GasAmount[], basis: GwpBasis, publishedBasis: GwpBasis | null): GasTotals {
  const weighed = gases.map((amount) => ({ gas: amount.gas, kgCo2e: weigh(amount, basis, publishedBasis) }));
  const counted = weighed.filter(({ gas }) => gas !== "CO2_BIOGENIC");
  const biogenic = gases.filter(({ gas }) => gas === "CO2_BIOGENIC");
  const byGas: Record<string, string> = {};
  for (const { gas, kgCo2e } of counted) byGas[gas] = plain(kgCo2e.plus(byGas[gas] ?? 0));
  return {
    kgCo2e: plain(sum(counted.map(({ kgCo2e }) => kgCo2e))),
    byGas,
    biogenicKgCo2: plain(
      sum(biogenic.map(({ amount, as }) => decimal(amount).times(as === "KG_CO2E" ? 1 : kilograms[as]))),
    ),
  };
}

function weigh({ gas, amount, as }: GasAmount, basis: GwpBasis, publishedBasis: GwpBasis | null): Decimal {
  if (gas === "CO2_BIOGENIC") return zero;
  if (as !== "KG_CO2E") return decimal(amount).times(kilograms[as]).times(gwp100(gas, basis));
  if (publishedBasis === null || publishedBasis === basis) return decimal(amount);
  return decimal(amount).times(gwp100(gas, basis)).dividedBy(gwp100(gas, publishedBasis));
}

/**
 * Potential of a refrigerant: a blend (`R-410A`), a gas (`HFC-32`) or the gas behind an R number (`R-32`).
 * Blends are the mass-weighted mean of their HFCs and PFCs; HCFCs and hydrocarbons weigh nothing, as EPA table 12 has it.
 * @throws GWP_UNKNOWN
 */
export function refrigerantGwp(name: string, basis: GwpBasis): RefrigerantGwp {
  const row = rowOf(name);
  if (!row?.composition) return singleGas(name, basis, row);
  const composition = row.composition.map(([gas, percent]) => ({ gas, share: plain(decimal(percent).dividedBy(100)) }));
  const parts = composition.map(({ gas, share }) => decimal(share).times(countsInBlends(gas) ? gwp100(gas, basis) : 0));
  return { gwp: plain(sum(parts)), published: row.also.published ?? null, composition, note: row.note };
}

const countsInBlends = (gas: string): boolean => /^(HFC|PFC)-/.test(gas);
const rowOf = (name: string): PackRow | undefined => {
  const code = named(name);
  return blends().get(code) ?? blends().get(code.replace(/^r/, "hfc"));
};

function singleGas(name: string, basis: GwpBasis, row: PackRow | undefined): RefrigerantGwp {
  const gas = row?.level3 ?? name;
  const published = row?.kgCo2e ?? null;
  return { gwp: gwp100(gas, basis), published, composition: [{ gas, share: "1" }], note: row?.note ?? null };
}
