import { askCube } from "../domain/ask-cube.js";
import { quarterOf } from "../domain/benchmark-release.js";
import { listed } from "../domain/dimensions.js";
import { groupsOf } from "../domain/read-series.js";
import { requestOf } from "../domain/widget-content.js";
import { errors } from "../errors.js";
import type {
  BenchmarkAgreementResolvers,
  BenchmarkResolvers,
  CubeResolvers,
  DashboardResolvers,
  DashboardUpdateResolvers,
  ReportResolvers,
  WidgetQueryResolvers,
  WidgetResolvers,
} from "../generated/types.js";
import { publishedBenchmarks } from "../queries/benchmarks.js";
import { dashboardsById, widgetsOfDashboards } from "../queries/dashboards.js";
import { reportContents } from "../queries/findings.js";

export const Dashboard: DashboardResolvers = {
  organization: ({ tenantId }) => ({ id: tenantId }),
  widgets: ({ id }, _, ctx) => ctx.loadList(widgetsOfDashboards, id),
};

export const Widget: WidgetResolvers = {
  data: (widget, _, ctx) => {
    const request = requestOf(widget, ctx.now());
    return request ? groupsOf(ctx, request) : [];
  },
};

export const WidgetQuery: WidgetQueryResolvers = {
  dimensions: ({ dimensions }) => listed(dimensions),
};

export const DashboardUpdate: DashboardUpdateResolvers = {
  dashboard: async ({ dashboardId }, _, ctx) => {
    const dashboard = await ctx.load(dashboardsById, dashboardId);
    if (!dashboard) throw errors.DASHBOARD_NOT_FOUND({ id: dashboardId });
    return dashboard;
  },
  organization: (_, __, ctx) => ({ id: ctx.tenantId }),
};

export const Cube: CubeResolvers = {
  result: ({ query }, _, ctx) => askCube(ctx, query),
};

export const Benchmark: BenchmarkResolvers = {
  quarter: ({ lowerQuartile, median, upperQuartile }, { of }) =>
    quarterOf(of, { lowerQuartile: `${lowerQuartile}`, median: `${median}`, upperQuartile: `${upperQuartile}` }),
};

export const BenchmarkAgreement: BenchmarkAgreementResolvers = {
  benchmark: ({ benchmarkId }, _, ctx) => ctx.load(publishedBenchmarks, benchmarkId),
};

export const Report: ReportResolvers = {
  content: async ({ id }, _, ctx) => (await ctx.load(reportContents, id))?.content ?? Buffer.alloc(0),
};
