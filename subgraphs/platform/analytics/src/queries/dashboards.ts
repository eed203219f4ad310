import {
  type Connection,
  groupByKey,
  newId,
  type PageArguments,
  paginate,
  readById,
  type TenantDb,
} from "@tessera/database";
import { and, asc, eq, inArray, sql } from "drizzle-orm";
import { dashboards, widgets } from "../tables.js";

export type DashboardRow = typeof dashboards.$inferSelect;
export type WidgetRow = typeof widgets.$inferSelect;

export function pageOfDashboards(db: TenantDb, page: PageArguments): Promise<Connection<DashboardRow>> {
  return paginate(db, { from: dashboards, orderBy: [{ column: dashboards.name, direction: "asc" }], page });
}

export const dashboardsById = readById(dashboards);

export const widgetsById = readById(widgets);

export async function widgetsOfDashboards(db: TenantDb, ids: readonly string[]): Promise<WidgetRow[][]> {
  const rows = await db
    .select()
    .from(widgets)
    .where(inArray(widgets.dashboardId, [...ids]))
    .orderBy(asc(widgets.position), asc(widgets.id));
  return groupByKey(ids, rows, (row) => row.dashboardId);
}

/** Dashboards that show one of the metrics. */
export async function dashboardsShowing(db: TenantDb, metricKeys: readonly string[]): Promise<string[]> {
  const rows = await db
    .selectDistinct({ id: widgets.dashboardId })
    .from(widgets)
    .where(inArray(widgets.metricKey, [...metricKeys]));
  return rows.map(({ id }) => id);
}

export async function addDashboard(
  db: TenantDb,
  row: Pick<DashboardRow, "name" | "description" | "createdBy"> & { readonly id?: string },
): Promise<DashboardRow> {
  const [added] = await db
    .insert(dashboards)
    .values({ id: newId(), ...row })
    .returning();
  return added as DashboardRow;
}

/** Null when there is no such dashboard. */
export async function changeDashboard(
  db: TenantDb,
  id: string,
  change: Partial<Pick<DashboardRow, "name" | "description" | "updatedAt">>,
): Promise<DashboardRow | null> {
  const [changed] = await db.update(dashboards).set(change).where(eq(dashboards.id, id)).returning();
  return changed ?? null;
}

export async function removeDashboard(db: TenantDb, id: string): Promise<boolean> {
  const removed = await db.delete(dashboards).where(eq(dashboards.id, id)).returning({ id: dashboards.id });
  return removed.length > 0;
}

export type WidgetContent = Pick<WidgetRow, "kind" | "title" | "text" | "metricKey" | "query">;

/** Adds a widget below the others. */
export async function addWidget(db: TenantDb, dashboardId: string, content: WidgetContent): Promise<WidgetRow> {
  const below = sql<number>`(select coalesce(max(${widgets.position}) + 1, 0) from ${widgets} where ${widgets.dashboardId} = ${dashboardId})`;
  const [added] = await db
    .insert(widgets)
    .values({ id: newId(), dashboardId, position: below, ...content })
    .returning();
  return added as WidgetRow;
}

export async function changeWidget(db: TenantDb, id: string, content: WidgetContent): Promise<WidgetRow | null> {
  const [changed] = await db.update(widgets).set(content).where(eq(widgets.id, id)).returning();
  return changed ?? null;
}

export async function removeWidget(db: TenantDb, id: string): Promise<WidgetRow | null> {
  const [removed] = await db.delete(widgets).where(eq(widgets.id, id)).returning();
  return removed ?? null;
}

export async function placeWidgets(db: TenantDb, dashboardId: string, ids: readonly string[]): Promise<void> {
  const positions = sql`array_position(${sql.param(ids)}::uuid[], ${widgets.id})`;
  await db
    .update(widgets)
    .set({ position: sql`${positions} - 1` })
    .where(and(eq(widgets.dashboardId, dashboardId), inArray(widgets.id, [...ids])));
}
