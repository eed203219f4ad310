import { askCube, cubeQuery } from "../domain/ask-cube.js";
import { bridge } from "../domain/bridge.js";
import { groupOf } from "../domain/contribute-to-benchmark.js";
import { checkDimensions, record } from "../domain/dimensions.js";
import { askSeries } from "../domain/read-series.js";
import { errors } from "../errors.js";
import type { OrganizationResolvers, QueryResolvers } from "../generated/types.js";
import { listAgreements, publishedBenchmark } from "../queries/benchmarks.js";
import { dashboardsById, pageOfDashboards } from "../queries/dashboards.js";
import { cubesById, listCubes, newestInsights, reportsById } from "../queries/findings.js";
import { listMetrics, metricsByKey } from "../queries/metrics.js";
import { listThresholds } from "../queries/thresholds.js";

export const Query: QueryResolvers = {
  metrics: (_, __, ctx) => listMetrics(ctx.db),
  metric: (_, { key }, ctx) => ctx.load(metricsByKey, key),
  metricSeries: (_, { key, dimensions, ...question }, ctx) => {
    const reason = checkDimensions(dimensions);
    if (reason) throw errors.DIMENSIONS_INVALID({ reason });
    return askSeries(ctx, { metricKey: key, ...question, dimensions: record(dimensions), groupBy: null });
  },
  dashboards: (_, page, ctx) => pageOfDashboards(ctx.db, page),
  dashboard: (_, { id }, ctx) => ctx.load(dashboardsById, id),
  thresholds: (_, { metricKey }, ctx) => listThresholds(ctx.db, metricKey ?? null),
  cubes: (_, __, ctx) => listCubes(ctx.db),
  cube: (_, { id }, ctx) => ctx.load(cubesById, id),
  queryCube: (_, { query }, ctx) => askCube(ctx, cubeQuery(query)),
  benchmark: (_, { group }, ctx) => publishedBenchmark(ctx.db, groupOf(group)),
  benchmarkAgreements: (_, __, ctx) => listAgreements(ctx.db),
  report: (_, { id }, ctx) => ctx.load(reportsById, id),
  yearOnYearBridge: (_, { previous, current }) => bridge(previous, current),
};

export const Organization: OrganizationResolvers = {
  dashboards: (_, page, ctx) => pageOfDashboards(ctx.db, page),
  metric: (_, { key }, ctx) => ctx.load(metricsByKey, key),
  insights: (_, { kind }, ctx) => newestInsights(ctx.db, kind ?? null),
};
