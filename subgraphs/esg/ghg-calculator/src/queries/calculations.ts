/** Calculations, their sites and contractual instruments. */
import { type Connection, groupByKey, type PageArguments, paginate, readById, type TenantDb } from "@tessera/database";
import { and, asc, desc, eq, gt, gte, inArray, lte, sql } from "drizzle-orm";
import { type CalculationStatus, contractualInstrument, emissionCalculation, emissionSite } from "../tables.js";

export type CalculationRow = typeof emissionCalculation.$inferSelect;
export type SiteRow = typeof emissionSite.$inferSelect;
export type InstrumentRow = typeof contractualInstrument.$inferSelect;

export const calculationsById = readById(emissionCalculation);

/** Holds the row until the transaction ends, so that commands on one calculation run one after the other. */
export async function calculationForUpdate(db: TenantDb, id: string): Promise<CalculationRow | null> {
  const [row] = await db.select().from(emissionCalculation).where(eq(emissionCalculation.id, id)).for("update");
  return row ?? null;
}

export interface CalculationFilter {
  status?: CalculationStatus | null;
  year?: number | null;
}

export function pageOfCalculations(
  db: TenantDb,
  { status, year }: CalculationFilter,
  page: PageArguments,
): Promise<Connection<CalculationRow>> {
  const where = and(
    ...(status ? [eq(emissionCalculation.status, status)] : []),
    ...(year
      ? [gte(emissionCalculation.periodEnd, `${year}-01-01`), lte(emissionCalculation.periodStart, `${year}-12-31`)]
      : []),
  );
  const orderBy = [
    { column: emissionCalculation.periodStart, direction: "desc" },
    { column: emissionCalculation.createdAt, direction: "desc" },
  ] as const;
  return paginate(db, { from: emissionCalculation, where, orderBy, page });
}

export async function latestCalculation(db: TenantDb): Promise<CalculationRow | null> {
  const [row] = await db
    .select()
    .from(emissionCalculation)
    .where(gt(emissionCalculation.latestVersion, 0))
    .orderBy(
      desc(emissionCalculation.periodEnd),
      desc(emissionCalculation.revision),
      desc(emissionCalculation.createdAt),
    )
    .limit(1);
  return row ?? null;
}

/** Those with a result, the latest revision of each last. */
export const calculationsWithResults = (db: TenantDb): Promise<CalculationRow[]> =>
  db
    .select()
    .from(emissionCalculation)
    .where(gt(emissionCalculation.latestVersion, 0))
    .orderBy(
      asc(emissionCalculation.periodStart),
      asc(emissionCalculation.revision),
      asc(emissionCalculation.createdAt),
    );

/** The newest draft whose period holds all these days. */
export async function draftCovering(db: TenantDb, start: string, end: string): Promise<CalculationRow | null> {
  const holds = and(lte(emissionCalculation.periodStart, start), gte(emissionCalculation.periodEnd, end));
  const [row] = await db
    .select()
    .from(emissionCalculation)
    .where(and(eq(emissionCalculation.status, "DRAFT"), holds))
    .orderBy(desc(emissionCalculation.createdAt))
    .limit(1);
  return row ?? null;
}

export async function revisionOf(db: TenantDb, id: string): Promise<CalculationRow | null> {
  const [row] = await db.select().from(emissionCalculation).where(eq(emissionCalculation.revisionOf, id));
  return row ?? null;
}

export const allSites = (db: TenantDb): Promise<SiteRow[]> =>
  db.select().from(emissionSite).orderBy(asc(emissionSite.name));

export const sitesById = readById(emissionSite);

export async function siteNamed(db: TenantDb, name: string): Promise<SiteRow | null> {
  const [row] = await db
    .select()
    .from(emissionSite)
    .where(eq(sql`lower(${emissionSite.name})`, name.toLowerCase()));
  return row ?? null;
}

export const instrumentsById = readById(contractualInstrument);

export async function instrumentsOfCalculations(db: TenantDb, ids: readonly string[]): Promise<InstrumentRow[][]> {
  const rows = await db
    .select()
    .from(contractualInstrument)
    .where(inArray(contractualInstrument.calculationId, [...ids]))
    .orderBy(asc(contractualInstrument.id));
  return groupByKey(ids, rows, ({ calculationId }) => calculationId);
}
