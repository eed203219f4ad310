import type { TenantDb } from "@tessera/database";
import type { Context } from "@tessera/subgraph";
import { errors } from "../errors.js";
import { metricsByKey } from "../queries/metrics.js";
import { figureOf, type RollUp, rollUps } from "../queries/series.js";
import { fillGaps, type SeriesPoint } from "./fill-gaps.js";
import { checkRange, requestOfSeriesId, type SeriesRequest, seriesIdOf } from "./series-request.js";

/** One line of values: the question, and the points where they are read already. */
export interface Series {
  readonly request: SeriesRequest;
  /** The value of the dimension a widget groups by. */
  readonly group: string | null;
  readonly points?: readonly SeriesPoint[];
}

/** @throws RANGE_INVALID, RANGE_TOO_LONG, METRIC_UNKNOWN */
export async function askSeries(ctx: Context, request: SeriesRequest): Promise<Series> {
  checkRange(request);
  if (!(await ctx.load(metricsByKey, request.metricKey))) throw errors.METRIC_UNKNOWN({ key: request.metricKey });
  return { request, group: null };
}

/** Points of one series; all series of a request are read by one statement. */
export async function pointsOf(ctx: Context, { request, points }: Series): Promise<readonly SeriesPoint[]> {
  if (points) return points;
  return filled(request, await ctx.loadList(rollUpsBySeriesId, seriesIdOf(request)));
}

/** One series per value of the dimension the request groups by; without grouping just one. */
export async function groupsOf(ctx: Context, request: SeriesRequest): Promise<Series[]> {
  if (request.groupBy === null) return [{ request, group: null }];
  const groupBy = request.groupBy;
  const rows = await ctx.loadList(rollUpsBySeriesId, seriesIdOf(request));
  const groups = [...new Set(rows.map(({ group }) => group))];
  return groups.map((group) => {
    const own = rows.filter((row) => row.group === group);
    const dimensions = group === null ? request.dimensions : { ...request.dimensions, [groupBy]: group };
    return { request: { ...request, dimensions, groupBy: null }, group, points: filled(request, own) };
  });
}

export async function seriesById(db: TenantDb, ids: readonly string[]): Promise<(Series | null)[]> {
  const requests = ids.map(requestOfSeriesId);
  const metrics = await metricsByKey(
    db,
    requests.map((request) => request?.metricKey ?? ""),
  );
  return requests.map((request, index) =>
    request && metrics[index] ? { request: { ...request, groupBy: null }, group: null } : null,
  );
}

function rollUpsBySeriesId(db: TenantDb, ids: readonly string[]): Promise<RollUp[][]> {
  return rollUps(
    db,
    ids.map((id) => requestOfSeriesId(id) as SeriesRequest),
  );
}

function filled({ aggregation, from, to, interval, fill }: SeriesRequest, rows: readonly RollUp[]): SeriesPoint[] {
  const measured = rows.map((row) => ({ at: row.at, value: figureOf(row, aggregation), count: row.count }));
  return fillGaps(measured, from, to, interval, fill);
}
