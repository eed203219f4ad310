/** A dashboard as it stands at one moment, ready to be written to any format. */
import type { Context } from "@tessera/subgraph";
import { type DashboardRow, type WidgetRow, widgetsOfDashboards } from "../queries/dashboards.js";
import { metricsByKey } from "../queries/metrics.js";
import type { Aggregation, Interval } from "../tables.js";
import type { SeriesPoint } from "./fill-gaps.js";
import { groupsOf, pointsOf } from "./read-series.js";
import { requestOf } from "./widget-content.js";

export interface ReportContent {
  readonly title: string;
  readonly description: string;
  readonly generatedAt: Date;
  readonly sections: readonly ReportSection[];
}

export interface ReportSection {
  readonly title: string;
  readonly kind: WidgetRow["kind"];
  readonly text: string | null;
  readonly metric: string;
  readonly unit: string;
  readonly interval: Interval | null;
  readonly aggregation: Aggregation | null;
  readonly series: readonly { readonly group: string | null; readonly points: readonly SeriesPoint[] }[];
}

export async function readContent(ctx: Context, { id, name, description }: DashboardRow): Promise<ReportContent> {
  const widgets = await ctx.loadList(widgetsOfDashboards, id);
  const sections = await Promise.all(widgets.map((widget) => readSection(ctx, widget)));
  return { title: name, description, generatedAt: ctx.now(), sections };
}

async function readSection(ctx: Context, widget: WidgetRow): Promise<ReportSection> {
  const { title, kind, text } = widget;
  const request = requestOf(widget, ctx.now());
  if (!request) return { title, kind, text, metric: "", unit: "", interval: null, aggregation: null, series: [] };
  const [metric, groups] = await Promise.all([ctx.load(metricsByKey, request.metricKey), groupsOf(ctx, request)]);
  const series = await Promise.all(
    groups.map(async (each) => ({ group: each.group, points: await pointsOf(ctx, each) })),
  );
  const { interval, aggregation } = request;
  return {
    title,
    kind,
    text: null,
    metric: metric?.name ?? request.metricKey,
    unit: metric?.unit ?? "",
    interval,
    aggregation,
    series,
  };
}
