/** Results and their lines, base year and targets. Results are written once and only read from then on. */
import {
  type Connection,
  groupByKey,
  inKeyOrder,
  type PageArguments,
  paginate,
  readById,
  type TenantDb,
} from "@tessera/database";
import { and, asc, desc, eq, inArray, sql } from "drizzle-orm";
import type { EmissionScope } from "../reference/pack.js";
import {
  baseYearChange,
  emissionCalculation,
  emissionResult,
  emissionResultLine,
  emissionsBaseYear,
  reductionTarget,
} from "../tables.js";
import { insertRows } from "./insert-rows.js";

export type ResultRow = typeof emissionResult.$inferSelect;
export type LineRow = typeof emissionResultLine.$inferSelect;
export type BaseYearRow = typeof emissionsBaseYear.$inferSelect;
export type BaseYearChangeRow = typeof baseYearChange.$inferSelect;
export type TargetRow = typeof reductionTarget.$inferSelect;

export const resultsById = readById(emissionResult);

/** Newest version first. */
export async function resultsOfCalculations(db: TenantDb, ids: readonly string[]): Promise<ResultRow[][]> {
  const rows = await db
    .select()
    .from(emissionResult)
    .where(inArray(emissionResult.calculationId, [...ids]))
    .orderBy(desc(emissionResult.version));
  return groupByKey(ids, rows, ({ calculationId }) => calculationId);
}

/** The latest result of each calculation. */
export async function latestResults(db: TenantDb, ids: readonly string[]): Promise<(ResultRow | null)[]> {
  const rows = await db
    .select({ result: emissionResult })
    .from(emissionResult)
    .innerJoin(
      emissionCalculation,
      and(
        eq(emissionCalculation.id, emissionResult.calculationId),
        eq(emissionCalculation.latestVersion, emissionResult.version),
      ),
    )
    .where(inArray(emissionResult.calculationId, [...ids]));
  return inKeyOrder(
    ids,
    rows.map(({ result }) => result),
    ({ calculationId }) => calculationId,
  );
}

export async function resultOfVersion(db: TenantDb, calculationId: string, version: number): Promise<ResultRow | null> {
  const wanted = and(eq(emissionResult.calculationId, calculationId), eq(emissionResult.version, version));
  const [row] = await db.select().from(emissionResult).where(wanted);
  return row ?? null;
}

export function pageOfLines(
  db: TenantDb,
  resultId: string,
  scope: EmissionScope | null,
  page: PageArguments,
): Promise<Connection<LineRow>> {
  const where = and(eq(emissionResultLine.resultId, resultId), ...(scope ? [eq(emissionResultLine.scope, scope)] : []));
  const orderBy = [{ column: emissionResultLine.position, direction: "asc" }] as const;
  return paginate(db, { from: emissionResultLine, where, orderBy, page });
}

export async function insertResult(
  db: TenantDb,
  result: typeof emissionResult.$inferInsert,
  lines: readonly (typeof emissionResultLine.$inferInsert)[],
): Promise<ResultRow> {
  const [row] = await db.insert(emissionResult).values(result).returning();
  await insertRows(db, emissionResultLine, lines);
  return row as ResultRow;
}

export async function baseYear(db: TenantDb): Promise<BaseYearRow | null> {
  const [row] = await db.select().from(emissionsBaseYear).limit(1);
  return row ?? null;
}

export const changesOfBaseYear = (db: TenantDb, baseYearId: string): Promise<BaseYearChangeRow[]> =>
  db.select().from(baseYearChange).where(eq(baseYearChange.baseYearId, baseYearId)).orderBy(asc(baseYearChange.id));

export const targetsById = readById(reductionTarget);

export const allTargets = (db: TenantDb): Promise<TargetRow[]> =>
  db
    .select()
    .from(reductionTarget)
    .orderBy(asc(reductionTarget.targetYear), asc(sql`lower(${reductionTarget.name})`));
