/** What resolvers give for each GraphQL type. */
import type { Connection } from "@tessera/database";
import type { Series } from "./domain/read-series.js";
import type { AgreementRow, BenchmarkRow } from "./queries/benchmarks.js";
import type { DashboardRow, WidgetRow } from "./queries/dashboards.js";
import type { CubeRow, InsightRow, ReportRow } from "./queries/findings.js";
import type { MetricRow } from "./queries/metrics.js";
import type { ThresholdRow } from "./queries/thresholds.js";
import type { StoredWidgetQuery } from "./tables.js";

export type OrganizationMapper = { readonly id: string };
export type MetricMapper = MetricRow;
export type MetricSeriesMapper = Series;
export type DashboardMapper = DashboardRow;
export type DashboardConnectionMapper = Connection<DashboardRow>;
export type DashboardEdgeMapper = DashboardConnectionMapper["edges"][number];
export type WidgetMapper = WidgetRow;
export type WidgetQueryMapper = StoredWidgetQuery;
export type ThresholdMapper = ThresholdRow;
export type CubeMapper = CubeRow;
export type BenchmarkMapper = BenchmarkRow;
export type BenchmarkAgreementMapper = AgreementRow;
export type InsightMapper = InsightRow;
export type ReportMapper = ReportRow;
/** The state of a dashboard is read when the update is delivered, so that it is the last one. */
export type DashboardUpdateMapper = {
  readonly dashboardId: string;
  readonly changedMetrics: readonly string[];
  readonly at: string;
  readonly reason: string;
};
