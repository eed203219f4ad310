/** Looks through a metric's history for what is worth telling a person. */
import type { Context } from "@tessera/subgraph";
import { errors } from "../errors.js";
import { type InsightRow, type NewInsight, replaceInsights } from "../queries/findings.js";
import { type MetricRow, metricsByKey } from "../queries/metrics.js";
import { rollUps } from "../queries/series.js";
import type { Interval } from "../tables.js";
import { insightsOf } from "./insight-texts.js";
import { bucketAfter, bucketOf } from "./time-buckets.js";

/** How far back is looked, in buckets: a week of hours, a quarter of days, ten years of months or quarters. */
const lookBack: Readonly<Record<Interval, number>> = { HOUR: 168, DAY: 91, MONTH: 120, QUARTER: 40, YEAR: 30 };

/** The running bucket is left out: it is not complete. @throws METRIC_UNKNOWN */
export async function refreshInsights(ctx: Context, metricKey: string, interval: Interval): Promise<InsightRow[]> {
  const metric = await ctx.load(metricsByKey, metricKey);
  if (!metric) throw errors.METRIC_UNKNOWN({ key: metricKey });
  const found = await lookThrough(ctx, metric, interval);
  return ctx.transaction((tx) => replaceInsights(tx, { metricKey, interval }, found));
}

async function lookThrough(ctx: Context, metric: MetricRow, interval: Interval): Promise<NewInsight[]> {
  const foundAt = ctx.now();
  const to = bucketOf(foundAt, interval);
  const from = bucketAfter(to, interval, -lookBack[interval]);
  const request = { metricKey: metric.key, interval, from, to, dimensions: {}, groupBy: null };
  const [rows = []] = await rollUps(ctx.db, [request]);
  const points = rows.map(({ at, sum, count }) => ({ at, value: sum, count }));
  return insightsOf(metric, interval, points).map((text) => ({ ...text, metricKey: metric.key, interval, foundAt }));
}
