import type { Resolvers } from "./generated/types.js";
import {
  Benchmark,
  BenchmarkAgreement,
  Cube,
  Dashboard,
  DashboardUpdate,
  Report,
  Widget,
  WidgetQuery,
} from "./resolvers/Dashboard.js";
import { MetricSeries, Threshold } from "./resolvers/Metric.js";
import { Mutation, Subscription } from "./resolvers/Mutation.js";
import { Organization, Query } from "./resolvers/Query.js";

export const resolvers: Resolvers = {
  MetricSeries,
  Dashboard,
  Widget,
  WidgetQuery,
  Threshold,
  Cube,
  Benchmark,
  BenchmarkAgreement,
  Report,
  Organization,
  DashboardUpdate,
  Query,
  Mutation,
  Subscription,
};
