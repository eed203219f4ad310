/** What was asked and found: saved cubes, insights, reports. */
import { inKeyOrder, newId, type TenantDb } from "@tessera/database";
import { and, asc, desc, eq, getTableColumns, inArray } from "drizzle-orm";
import { cubes, type Interval, insights, reports, type StoredCubeQuery } from "../tables.js";

export type CubeRow = typeof cubes.$inferSelect;
export type InsightRow = typeof insights.$inferSelect;
/** Without the content, which is read only when it is asked for. */
export type ReportRow = Omit<typeof reports.$inferSelect, "content">;

export async function cubesById(db: TenantDb, ids: readonly string[]): Promise<(CubeRow | null)[]> {
  return inKeyOrder(
    ids,
    await db
      .select()
      .from(cubes)
      .where(inArray(cubes.id, [...ids])),
    (row) => row.id,
  );
}

export function listCubes(db: TenantDb): Promise<CubeRow[]> {
  return db.select().from(cubes).orderBy(asc(cubes.name), asc(cubes.id)).limit(500);
}

export async function addCube(db: TenantDb, name: string, query: StoredCubeQuery): Promise<CubeRow> {
  const [added] = await db.insert(cubes).values({ id: newId(), name, query }).returning();
  return added as CubeRow;
}

export async function removeCube(db: TenantDb, id: string): Promise<boolean> {
  const removed = await db.delete(cubes).where(eq(cubes.id, id)).returning({ id: cubes.id });
  return removed.length > 0;
}

export async function insightsById(db: TenantDb, ids: readonly string[]): Promise<(InsightRow | null)[]> {
  return inKeyOrder(
    ids,
    await db
      .select()
      .from(insights)
      .where(inArray(insights.id, [...ids])),
    (row) => row.id,
  );
}

export function newestInsights(db: TenantDb, kind: InsightRow["kind"] | null): Promise<InsightRow[]> {
  const wanted = kind === null ? undefined : eq(insights.kind, kind);
  return db
    .select()
    .from(insights)
    .where(wanted)
    .orderBy(desc(insights.foundAt), desc(insights.at), desc(insights.id))
    .limit(100);
}

export type NewInsight = Omit<InsightRow, "id" | "tenantId">;

export async function replaceInsights(
  db: TenantDb,
  about: { readonly metricKey: string; readonly interval: Interval },
  found: readonly NewInsight[],
): Promise<InsightRow[]> {
  await db.delete(insights).where(and(eq(insights.metricKey, about.metricKey), eq(insights.interval, about.interval)));
  if (found.length === 0) return [];
  return db
    .insert(insights)
    .values(found.map((insight) => ({ id: newId(), ...insight })))
    .returning();
}

const { content: _content, ...reportFacts } = getTableColumns(reports);

export async function reportsById(db: TenantDb, ids: readonly string[]): Promise<(ReportRow | null)[]> {
  const rows = await db
    .select(reportFacts)
    .from(reports)
    .where(inArray(reports.id, [...ids]));
  return inKeyOrder(ids, rows, (row) => row.id);
}

export async function reportContents(
  db: TenantDb,
  ids: readonly string[],
): Promise<({ id: string; content: Buffer } | null)[]> {
  const rows = await db
    .select({ id: reports.id, content: reports.content })
    .from(reports)
    .where(inArray(reports.id, [...ids]));
  return inKeyOrder(ids, rows, (row) => row.id);
}

export async function addReport(
  db: TenantDb,
  report: Omit<typeof reports.$inferInsert, "tenantId">,
): Promise<ReportRow> {
  const [added] = await db.insert(reports).values(report).returning(reportFacts);
  return added as ReportRow;
}
