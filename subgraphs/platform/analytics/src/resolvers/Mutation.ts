import { createCube, deleteCube } from "../domain/ask-cube.js";
import { contributeToBenchmark, withdrawFromBenchmark } from "../domain/contribute-to-benchmark.js";
import { createDashboard } from "../domain/create-dashboard.js";
import {
  createWidget,
  deleteDashboard,
  deleteWidget,
  reorderWidgets,
  updateDashboard,
  updateWidget,
} from "../domain/edit-dashboard.js";
import { createThreshold, deleteThreshold, updateThreshold } from "../domain/edit-thresholds.js";
import { generateReport } from "../domain/generate-report.js";
import { createMetric, recordMetricPoints } from "../domain/record-metric-points.js";
import { refreshInsights } from "../domain/refresh-insights.js";
import { type DashboardUpdate, watchDashboard } from "../domain/watch-dashboard.js";
import type { MutationResolvers, SubscriptionResolvers } from "../generated/types.js";

export const Mutation: MutationResolvers = {
  createMetric: (_, metric, ctx) => createMetric(ctx, metric),
  recordMetricPoints: (_, { key, points }, ctx) => recordMetricPoints(ctx, key, points),
  createDashboard: (_, dashboard, ctx) => createDashboard(ctx, dashboard),
  updateDashboard: (_, { id, ...change }, ctx) => updateDashboard(ctx, id, change),
  deleteDashboard: (_, { id }, ctx) => deleteDashboard(ctx, id),
  createWidget: (_, { dashboardId, input }, ctx) => createWidget(ctx, dashboardId, input),
  updateWidget: (_, { id, input }, ctx) => updateWidget(ctx, id, input),
  deleteWidget: (_, { id }, ctx) => deleteWidget(ctx, id),
  reorderWidgets: (_, { dashboardId, widgetIds }, ctx) => reorderWidgets(ctx, dashboardId, widgetIds),
  createThreshold: (_, { input }, ctx) => createThreshold(ctx, input),
  updateThreshold: (_, { id, input }, ctx) => updateThreshold(ctx, id, input),
  deleteThreshold: (_, { id }, ctx) => deleteThreshold(ctx, id),
  createCube: (_, { name, query }, ctx) => createCube(ctx, name, query),
  deleteCube: (_, { id }, ctx) => deleteCube(ctx, id),
  contributeToBenchmark: (_, { group }, ctx) => contributeToBenchmark(ctx, group),
  withdrawFromBenchmark: (_, { agreementId }, ctx) => withdrawFromBenchmark(ctx, agreementId),
  refreshInsights: (_, { metricKey, interval }, ctx) => refreshInsights(ctx, metricKey, interval),
  generateReport: (_, { dashboardId, format }, ctx) => generateReport(ctx, dashboardId, format),
};

export const Subscription: SubscriptionResolvers = {
  dashboardUpdated: {
    subscribe: (_, { dashboardId }, ctx) => watchDashboard(ctx, dashboardId),
    resolve: (update: DashboardUpdate) => update,
  },
};
