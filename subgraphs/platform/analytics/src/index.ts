import { platformEvents } from "@tessera/shared-types";
import { defineSubgraph } from "@tessera/subgraph";
import { seriesById } from "./domain/read-series.js";
import { publishedBenchmarks } from "./queries/benchmarks.js";
import { dashboardsById, widgetsById } from "./queries/dashboards.js";
import { cubesById, insightsById, reportsById } from "./queries/findings.js";
import { metricsById } from "./queries/metrics.js";
import { thresholdsById } from "./queries/thresholds.js";
import { onEmissionsCalculated } from "./reactions/on-emissions-calculated.js";
import { resolvers } from "./resolvers.js";
import * as tables from "./tables.js";

export default defineSubgraph({
  name: "analytics",
  suite: "platform",
  root: new URL("..", import.meta.url),
  resolvers,
  entities: {
    Metric: metricsById,
    MetricSeries: seriesById,
    Dashboard: dashboardsById,
    Widget: widgetsById,
    Threshold: thresholdsById,
    Cube: cubesById,
    Benchmark: publishedBenchmarks,
    Insight: insightsById,
    Report: reportsById,
  },
  tables,
  publishes: [
    platformEvents.dashboardCreated,
    platformEvents.dashboardChanged,
    platformEvents.queryExecuted,
    platformEvents.reportGenerated,
    platformEvents.thresholdExceeded,
  ],
  reactions: [onEmissionsCalculated],
  demo: () => import("./demo.js"),
});
