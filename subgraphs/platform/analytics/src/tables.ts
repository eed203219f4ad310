/**
 * Measured values are stored once, as points of a metric; everything that is shown is rolled up from them when it is
 * asked, so a late or corrected point is right everywhere at once.
 */

import { moduleSchema } from "@tessera/database";
import {
  boolean,
  customType,
  foreignKey,
  index,
  integer,
  jsonb,
  numeric,
  primaryKey,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";

const { tenantTable, globalTable } = moduleSchema("analytics");

const moment = (name: string) => timestamp(name, { withTimezone: true });
const id = () => uuid("id").primaryKey();
const bytea = customType<{ data: Buffer; driverData: Uint8Array }>({
  dataType: () => "bytea",
  fromDriver: (value) => Buffer.from(value),
});

export const intervals = ["HOUR", "DAY", "MONTH", "QUARTER", "YEAR"] as const;
export type Interval = (typeof intervals)[number];
export const aggregations = ["SUM", "AVG", "MIN", "MAX", "LAST", "COUNT"] as const;
export type Aggregation = (typeof aggregations)[number];
export const fills = ["NONE", "NULL", "ZERO", "PREVIOUS", "LINEAR"] as const;
export type Fill = (typeof fills)[number];

/** Name → value, such as `{ "site": "Leeds plant" }`. */
export type Dimensions = Readonly<Record<string, string>>;

export const metrics = tenantTable(
  "metrics",
  {
    id: id(),
    key: text("key").notNull(),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    unit: text("unit").notNull(),
    /** Fed by other modules' events, or recorded by the organization itself. */
    origin: text("origin").$type<"event" | "own">().notNull(),
    createdAt: moment("created_at").notNull().defaultNow(),
  },
  (table) => [unique("metrics_key").on(table.tenantId, table.key)],
);

/** How far each source of points has been read: an older version of the same thing is never taken again. */
export const pointSources = tenantTable(
  "point_sources",
  {
    /** What the points are about, such as `ghg.emissions.calculated/<calculation id>`. */
    source: text("source").notNull(),
    version: integer("version").notNull(),
    occurredAt: moment("occurred_at").notNull(),
    eventId: uuid("event_id").notNull(),
  },
  (table) => [primaryKey({ name: "point_sources_key", columns: [table.tenantId, table.source] })],
);

export const points = tenantTable(
  "points",
  {
    id: id(),
    metricId: uuid("metric_id")
      .notNull()
      .references(() => metrics.id, { onDelete: "cascade" }),
    /** The instant the value is of; for a value of a period, its first instant. */
    at: moment("at").notNull(),
    value: numeric("value").notNull(),
    dimensions: jsonb("dimensions").$type<Dimensions>().notNull().default({}),
    source: text("source").notNull(),
    recordedAt: moment("recorded_at").notNull().defaultNow(),
  },
  (table) => [
    unique("points_identity").on(table.tenantId, table.metricId, table.at, table.dimensions, table.source),
    index("points_source").on(table.tenantId, table.source),
  ],
);

export const dashboards = tenantTable("dashboards", {
  id: id(),
  name: text("name").notNull(),
  description: text("description").notNull().default(""),
  createdBy: uuid("created_by"),
  createdAt: moment("created_at").notNull().defaultNow(),
  updatedAt: moment("updated_at").notNull().defaultNow(),
});

export const widgetKinds = ["NUMBER", "LINE", "BAR", "PIE", "TABLE", "TEXT"] as const;

export const widgets = tenantTable(
  "widgets",
  {
    id: id(),
    dashboardId: uuid("dashboard_id")
      .notNull()
      .references(() => dashboards.id, { onDelete: "cascade" }),
    position: integer("position").notNull(),
    kind: text("kind", { enum: widgetKinds }).notNull(),
    title: text("title").notNull(),
    /** For TEXT. */
    text: text("text"),
    /** For all other kinds. */
    metricKey: text("metric_key"),
    query: jsonb("query").$type<StoredWidgetQuery>(),
  },
  (table) => [
    index("widgets_dashboard").on(table.dashboardId),
    index("widgets_metric").on(table.tenantId, table.metricKey),
  ],
);

/** What a widget shows of its metric. Either a fixed range or the last so many intervals. */
export interface StoredWidgetQuery {
  readonly metricKey: string;
  readonly interval: Interval;
  readonly aggregation: Aggregation;
  readonly fill: Fill;
  readonly dimensions: Dimensions;
  /** One series per value of this dimension. */
  readonly groupBy: string | null;
  /** ISO 8601. */
  readonly from: string | null;
  readonly to: string | null;
  readonly lastIntervals: number | null;
}

export const thresholds = tenantTable(
  "thresholds",
  {
    id: id(),
    metricKey: text("metric_key").notNull(),
    name: text("name").notNull(),
    direction: text("direction", { enum: ["ABOVE", "BELOW"] }).notNull(),
    limit: numeric("limit").notNull(),
    clearLimit: numeric("clear_limit"),
    coolDownSeconds: integer("cool_down_seconds").notNull().default(0),
    interval: text("interval", { enum: intervals }).notNull(),
    aggregation: text("aggregation", { enum: aggregations }).notNull(),
    dimensions: jsonb("dimensions").$type<Dimensions>().notNull().default({}),
    enabled: boolean("enabled").notNull().default(true),
    exceeded: boolean("exceeded").notNull().default(false),
    lastExceededAt: moment("last_exceeded_at"),
    lastValue: numeric("last_value"),
    createdAt: moment("created_at").notNull().defaultNow(),
  },
  (table) => [index("thresholds_metric").on(table.tenantId, table.metricKey)],
);

export const cubes = tenantTable("cubes", {
  id: id(),
  name: text("name").notNull(),
  query: jsonb("query").$type<StoredCubeQuery>().notNull(),
  createdAt: moment("created_at").notNull().defaultNow(),
});

/** A multi-dimensional question, without any SQL in it. */
export interface StoredCubeQuery {
  readonly metricKeys: readonly string[];
  readonly groupBy: readonly string[];
  /** Dimension → the values that are let through. */
  readonly filters: Readonly<Record<string, readonly string[]>>;
  readonly interval: Interval | null;
  readonly aggregation: Aggregation;
  /** ISO 8601. */
  readonly from: string;
  readonly to: string;
  readonly subtotals: boolean;
}

export const insights = tenantTable(
  "insights",
  {
    id: id(),
    metricKey: text("metric_key").notNull(),
    interval: text("interval", { enum: intervals }).notNull(),
    kind: text("kind", { enum: ["TREND", "ANOMALY", "FORECAST"] }).notNull(),
    title: text("title").notNull(),
    summary: text("summary").notNull(),
    /** When the value it is about was measured; for trend and forecast the newest one. */
    at: moment("at").notNull(),
    foundAt: moment("found_at").notNull(),
  },
  (table) => [index("insights_metric").on(table.tenantId, table.metricKey)],
);

export const reports = tenantTable("reports", {
  id: id(),
  dashboardId: uuid("dashboard_id").notNull(),
  format: text("format", { enum: ["CSV", "XLSX", "PDF"] }).notNull(),
  fileName: text("file_name").notNull(),
  contentType: text("content_type").notNull(),
  bytes: integer("bytes").notNull(),
  content: bytea("content").notNull(),
  generatedAt: moment("generated_at").notNull(),
  generatedBy: uuid("generated_by"),
});

export const sizeBands = ["MICRO", "SMALL", "MEDIUM", "LARGE"] as const;

/** Groups of comparable organizations and what is published about them. Nobody's rows, everybody may read them. */
export const benchmarks = globalTable(
  "benchmarks",
  {
    id: id(),
    metricKey: text("metric_key").notNull(),
    industry: text("industry").notNull(),
    sizeBand: text("size_band", { enum: sizeBands }).notNull(),
    year: integer("year").notNull(),
    perEmployee: boolean("per_employee").notNull(),
    /** The published edition; null while there is none. */
    n: integer("n"),
    lowerQuartile: numeric("lower_quartile"),
    median: numeric("median"),
    upperQuartile: numeric("upper_quartile"),
    /** Of the last edition, also of one that was taken back because too few contributors were left. */
    publishedAt: moment("published_at"),
  },
  (table) => [
    unique("benchmarks_group").on(table.metricKey, table.industry, table.sizeBand, table.year, table.perEmployee),
  ],
);

/**
 * Figures that organizations gave to a group, without saying whose. `contributor` is an HMAC of tenant and group under
 * a key of the installation: the same organization replaces its figure, and two groups cannot be linked through it.
 */
export const contributions = globalTable(
  "contributions",
  {
    benchmarkId: uuid("benchmark_id").notNull(),
    contributor: text("contributor").notNull(),
    /** Null after it was withdrawn, until the next edition. */
    value: numeric("value"),
    changedAt: moment("changed_at").notNull(),
  },
  (table) => [
    primaryKey({ name: "contributions_key", columns: [table.benchmarkId, table.contributor] }),
    foreignKey({ name: "contributions_benchmark", columns: [table.benchmarkId], foreignColumns: [benchmarks.id] }),
  ],
);

/** What an organization itself agreed to give, for its own eyes. */
export const agreements = tenantTable(
  "agreements",
  {
    id: id(),
    benchmarkId: uuid("benchmark_id").notNull(),
    value: numeric("value").notNull(),
    agreedBy: uuid("agreed_by"),
    agreedAt: moment("agreed_at").notNull(),
  },
  (table) => [uniqueIndex("agreements_group").on(table.tenantId, table.benchmarkId)],
);
