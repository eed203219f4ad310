/** From stored rows to the pure calculation: entries with their sites, the factors they need, the instruments. */
import type { TenantDb } from "@tessera/database";
import {
  allSites,
  type CalculationRow,
  type InstrumentRow,
  instrumentsOfCalculations,
  type SiteRow,
} from "../queries/calculations.js";
import type { EntryRow } from "../queries/entries.js";
import { factorsById, factorsForActivities, linkedFactors, nearFactors } from "../queries/factors.js";
import type { Factor } from "../reference/pack.js";
import type { CalculationBasis, CalculationEntry, FactorSource } from "./calculate-entry.js";
import { calculateInventory, type Inventory } from "./calculate-inventory.js";
import { factorSource } from "./factor-source.js";

/** The columns of an entry that decide what it emits. */
export type CalculableEntry = Omit<
  EntryRow,
  | "calculationId"
  | "tenantId"
  | "supplier"
  | "notes"
  | "dataQuality"
  | "source"
  | "sourceId"
  | "sourceRow"
  | "sourceKey"
  | "pendingReview"
  | "createdBy"
  | "createdAt"
>;

export const basisOf = (calculation: CalculationRow): CalculationBasis => ({
  period: { start: calculation.periodStart, end: calculation.periodEnd },
  gwpBasis: calculation.gwpBasis,
  consolidation: calculation.consolidation,
  factorSets: calculation.factorSets,
  region: calculation.region,
  automaticCategory3: calculation.automaticCategory3,
  upstreamOfScope3: calculation.upstreamOfScope3,
});

export function entryToCalculate(entry: CalculableEntry, sites: ReadonlyMap<string, SiteRow>): CalculationEntry {
  const { periodStart, periodEnd, siteId, ...facts } = entry;
  const site = siteId ? (sites.get(siteId) ?? null) : null;
  return { ...facts, site, period: { start: periodStart, end: periodEnd } };
}

export interface PreparedInventory extends Inventory {
  instruments: readonly InstrumentRow[];
}

/** Calculates `entries` under the settings of a calculation. Reads only; nothing is stored. */
export async function prepareInventory(
  db: TenantDb,
  calculation: CalculationRow,
  entries: readonly CalculableEntry[],
): Promise<PreparedInventory> {
  const [factors, sites, [instruments = []]] = await Promise.all([
    factorsFor(db, entries),
    sitesIndex(db),
    instrumentsOfCalculations(db, [calculation.id]),
  ]);
  const calculable = entries.map((entry) => entryToCalculate(entry, sites));
  return { ...calculateInventory(basisOf(calculation), calculable, instruments, factors), instruments };
}

export async function sitesIndex(db: TenantDb): Promise<ReadonlyMap<string, SiteRow>> {
  return new Map((await allSites(db)).map((site) => [site.id, site]));
}

/** All factors these entries may need, read once however many entries there are. */
export async function factorsFor(
  db: TenantDb,
  entries: readonly Pick<CalculableEntry, "activity" | "factorId">[],
): Promise<FactorSource> {
  const activities = [...new Set(entries.map(({ activity }) => activity))];
  const [factors, pinned] = await Promise.all([factorsForActivities(db, activities), pinnedFactors(db, entries)]);
  const known = new Set(factors.map(({ activity }) => activity));
  const unknown = activities.filter((activity) => !known.has(activity)).slice(0, 20);
  const near = (await Promise.all(unknown.map((activity) => nearFactors(db, activity)))).flat();
  return factorSource([...factors, ...near], pinned);
}

async function pinnedFactors(db: TenantDb, entries: readonly Pick<CalculableEntry, "factorId">[]): Promise<Factor[]> {
  const ids = [...new Set(entries.map(({ factorId }) => factorId).filter((id) => id !== null))];
  const pinned = (ids.length > 0 ? await factorsById(db, ids) : []).filter((factor) => factor !== null);
  return [...pinned, ...(await linkedFactors(db, pinned))];
}
