/** Changes of a dashboard and of what is on it. Everybody who watches it is told. */
import { platformEvents } from "@tessera/shared-types";
import type { Context, Transaction } from "@tessera/subgraph";
import { errors } from "../errors.js";
import {
  addWidget,
  changeDashboard,
  changeWidget,
  type DashboardRow,
  placeWidgets,
  removeDashboard,
  removeWidget,
  type WidgetRow,
  widgetsById,
  widgetsOfDashboards,
} from "../queries/dashboards.js";
import { metricsByKey } from "../queries/metrics.js";
import { ensureKnownMetrics } from "./ingest-points.js";
import { knownMetrics } from "./measured-events.js";
import { checkDescription, checkName, type WidgetInput, widgetContent } from "./widget-content.js";

export interface DashboardChange {
  readonly name?: string | null;
  readonly description?: string | null;
}

/** What is not named stays as it is. @throws NAME_INVALID, TEXT_TOO_LONG, DASHBOARD_NOT_FOUND */
export async function updateDashboard(
  ctx: Context,
  id: string,
  { name, description }: DashboardChange,
): Promise<DashboardRow> {
  if (name != null) checkName(name);
  if (description != null) checkDescription(description);
  const change = { ...(name != null && { name }), ...(description != null && { description }) };
  return ctx.transaction((tx) => touch(ctx, tx, id, "dashboard.updated", change));
}

/** @throws DASHBOARD_NOT_FOUND */
export async function deleteDashboard(ctx: Context, id: string): Promise<string> {
  await ctx.transaction(async (tx) => {
    if (!(await removeDashboard(tx, id))) throw errors.DASHBOARD_NOT_FOUND({ id });
    publish(tx, id, "dashboard.deleted");
  });
  return id;
}

/** @throws WIDGET_INVALID, DASHBOARD_NOT_FOUND, METRIC_UNKNOWN */
export async function createWidget(ctx: Context, dashboardId: string, input: WidgetInput): Promise<WidgetRow> {
  const content = widgetContent(input);
  return ctx.transaction(async (tx) => {
    await touch(ctx, tx, dashboardId, "widget.created");
    await requireMetric(tx, content.metricKey);
    return addWidget(tx, dashboardId, content);
  });
}

/** @throws WIDGET_INVALID, WIDGET_NOT_FOUND, METRIC_UNKNOWN */
export async function updateWidget(ctx: Context, id: string, input: WidgetInput): Promise<WidgetRow> {
  const content = widgetContent(input);
  return ctx.transaction(async (tx) => {
    const [before] = await widgetsById(tx, [id]);
    if (!before) throw errors.WIDGET_NOT_FOUND({ id });
    await touch(ctx, tx, before.dashboardId, "widget.updated");
    await requireMetric(tx, content.metricKey);
    return (await changeWidget(tx, id, content)) as WidgetRow;
  });
}

/** @throws WIDGET_NOT_FOUND */
export async function deleteWidget(ctx: Context, id: string): Promise<string> {
  await ctx.transaction(async (tx) => {
    const removed = await removeWidget(tx, id);
    if (!removed) throw errors.WIDGET_NOT_FOUND({ id });
    await touch(ctx, tx, removed.dashboardId, "widget.deleted");
  });
  return id;
}

/** @throws DASHBOARD_NOT_FOUND, WIDGET_ORDER_INVALID */
export async function reorderWidgets(
  ctx: Context,
  dashboardId: string,
  widgetIds: readonly string[],
): Promise<DashboardRow> {
  return ctx.transaction(async (tx) => {
    const dashboard = await touch(ctx, tx, dashboardId, "widgets.reordered");
    const [present = []] = await widgetsOfDashboards(tx, [dashboardId]);
    const wanted = [...widgetIds].sort().join();
    if (
      wanted !==
      present
        .map(({ id }) => id)
        .sort()
        .join()
    )
      throw errors.WIDGET_ORDER_INVALID();
    await placeWidgets(tx, dashboardId, widgetIds);
    return dashboard;
  });
}

/** Marks a dashboard as changed now, which also locks it: two editors do not give one place to two widgets. */
async function touch(
  ctx: Context,
  tx: Transaction,
  id: string,
  reason: string,
  change: { name?: string; description?: string } = {},
) {
  const row = await changeDashboard(tx, id, { ...change, updatedAt: ctx.now() });
  if (!row) throw errors.DASHBOARD_NOT_FOUND({ id });
  publish(tx, id, reason);
  return row;
}

function publish(tx: Transaction, id: string, reason: string): void {
  tx.publish(platformEvents.dashboardChanged, {
    aggregateId: id,
    payload: { dashboardIds: [id], metricKeys: [], reason },
  });
}

/** A metric that events feed may be shown before the first event. @throws METRIC_UNKNOWN */
export async function requireMetric(tx: Transaction, key: string | null): Promise<void> {
  if (key === null) return;
  if (knownMetrics[key]) await ensureKnownMetrics(tx, [key]);
  else if (!(await metricsByKey(tx, [key]))[0]) throw errors.METRIC_UNKNOWN({ key });
}
