/** Factor sets and factors: the shared reference rows and the tenant's own. */
import { readById, type TenantDb } from "@tessera/database";
import { and, asc, eq, ilike, inArray, isNull, or, type SQL, sql } from "drizzle-orm";
import { linkedKeys } from "../domain/factor-source.js";
import { type FactorFilter, regionsAround, searchWords } from "../domain/find-factors.js";
import type { Factor } from "../reference/pack.js";
import { emissionFactor, factorSet } from "../tables.js";

export type FactorRow = typeof emissionFactor.$inferSelect;
export type FactorSetRow = typeof factorSet.$inferSelect;

export const factorsById = readById(emissionFactor);

export const factorSetsById = readById(factorSet);

export const currentFactorSets = (db: TenantDb): Promise<FactorSetRow[]> =>
  db
    .select()
    .from(factorSet)
    .where(and(eq(factorSet.current, true), eq(factorSet.kind, "FACTORS")))
    .orderBy(asc(factorSet.key));

/** Rows that may still be chosen: of current sets, or the tenant's own and not retired. */
const choosable: SQL | undefined = and(
  isNull(emissionFactor.retiredAt),
  or(
    isNull(emissionFactor.factorSetId),
    sql`${emissionFactor.factorSetId} in (select ${factorSet.id} from ${factorSet} where ${factorSet.current})`,
  ),
);

/** Rows a search may rank; the search itself decides. */
export async function factorsForSearch(db: TenantDb, filter: FactorFilter): Promise<Factor[]> {
  const words = searchWords(filter.text ?? "").map((word) => ilike(emissionFactor.searchText, `%${word}%`));
  const conditions = [
    choosable,
    ...words,
    ...(filter.activity ? [eq(emissionFactor.activity, filter.activity)] : []),
    ...(filter.region ? [inArray(emissionFactor.region, regionsAround(filter.region))] : []),
    ...(filter.year ? [eq(emissionFactor.year, filter.year)] : []),
    ...(filter.scope ? [eq(emissionFactor.scope, filter.scope)] : []),
    ...(filter.setKeys ? [inArray(emissionFactor.setKey, [...filter.setKeys])] : []),
  ];
  return db
    .select()
    .from(emissionFactor)
    .where(and(...conditions));
}

/** Everything needed to calculate these activities: their factors, and the rows those point to. */
export async function factorsForActivities(db: TenantDb, activities: readonly string[]): Promise<Factor[]> {
  if (activities.length === 0) return [];
  const factors = await db
    .select()
    .from(emissionFactor)
    .where(and(choosable, inArray(emissionFactor.activity, [...new Set(activities)])));
  return [...factors, ...(await linkedFactors(db, factors))];
}

/** The rows that these factors point to: well-to-tank, losses, biogenic CO2, grid power. */
export async function linkedFactors(db: TenantDb, factors: readonly Factor[]): Promise<Factor[]> {
  const keys = [...new Set(factors.flatMap(linkedKeys))];
  const sets = [...new Set(factors.map(({ factorSetId }) => factorSetId).filter((id) => id !== null))];
  if (keys.length === 0 || sets.length === 0) return [];
  return db
    .select()
    .from(emissionFactor)
    .where(and(inArray(emissionFactor.key, keys), inArray(emissionFactor.factorSetId, sets)));
}

/** Activities that share a word with one that is not found, for the error that says what is near. */
export function nearFactors(db: TenantDb, activity: string): Promise<Factor[]> {
  const words = searchWords(activity).filter((word) => word.length > 2);
  const likeness = words.map((word) => ilike(emissionFactor.activity, `%${word}%`));
  return db
    .select()
    .from(emissionFactor)
    .where(and(choosable, likeness.length > 0 ? or(...likeness) : sql`false`))
    .limit(200);
}
