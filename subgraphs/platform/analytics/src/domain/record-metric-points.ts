import type { Context } from "@tessera/subgraph";
import { errors } from "../errors.js";
import { addMetrics, type MetricRow, metricsByKey, putPoints } from "../queries/metrics.js";
import { checkDimensions, type NamedValue, record } from "./dimensions.js";
import { announceChange } from "./ingest-points.js";
import { takenPrefixes } from "./measured-events.js";
import { checkName } from "./widget-content.js";

export interface PointInput {
  readonly at: Date;
  readonly value: string;
  readonly dimensions?: readonly NamedValue[];
}

/** Points of own metrics have one source: recording the same time and dimensions again replaces the value. */
const ownSource = "own";
const mostPoints = 10_000;

/** @throws METRIC_KEY_INVALID, METRIC_KEY_TAKEN, NAME_INVALID for name or unit */
export async function createMetric(
  ctx: Context,
  metric: { key: string; name: string; unit: string },
): Promise<MetricRow> {
  const { key } = metric;
  if (!/^[a-z][a-z0-9_-]*(\.[a-z0-9][a-z0-9_-]*)*$/.test(key) || key.length > 100)
    throw errors.METRIC_KEY_INVALID({ key });
  if (takenPrefixes.has(key.split(".")[0] ?? key)) throw errors.METRIC_KEY_TAKEN({ key });
  checkName(metric.name);
  checkName(metric.unit);
  return ctx.transaction(async (tx) => {
    const [added] = await addMetrics(tx, [{ ...metric, origin: "own" }]);
    if (!added) throw errors.METRIC_KEY_TAKEN({ key });
    return added;
  });
}

/** @throws METRIC_UNKNOWN, METRIC_NOT_OWN, POINTS_INVALID */
export async function recordMetricPoints(ctx: Context, key: string, points: readonly PointInput[]): Promise<MetricRow> {
  checkPoints(points);
  return ctx.transaction(async (tx) => {
    const [metric] = await metricsByKey(tx, [key]);
    if (!metric) throw errors.METRIC_UNKNOWN({ key });
    if (metric.origin !== "own") throw errors.METRIC_NOT_OWN({ key });
    const rows = points.map(({ at, value, dimensions = [] }) => ({
      metricId: metric.id,
      at,
      value,
      dimensions: record(dimensions),
    }));
    await putPoints(tx, ownSource, rows);
    await announceChange(ctx, tx, points.length > 0 ? [key] : [], "points.recorded");
    return metric;
  });
}

function checkPoints(points: readonly PointInput[]): void {
  if (points.length > mostPoints)
    throw errors.POINTS_INVALID({ index: mostPoints, reason: `${mostPoints} points at once at most` });
  const seen = new Set<string>();
  for (const [index, { at, dimensions = [] }] of points.entries()) {
    const reason = checkDimensions(dimensions);
    if (reason) throw errors.POINTS_INVALID({ index, reason });
    const identity = JSON.stringify([at.getTime(), Object.entries(record(dimensions)).sort()]);
    if (seen.has(identity))
      throw errors.POINTS_INVALID({ index, reason: "another one has the same time and dimensions" });
    seen.add(identity);
  }
}
