/** Five years of electricity, the carbon dashboard that the journey watches, and a rival whose figures stay its own. */
import { carbonDashboardId, organizations, people } from "@tessera/demo-world";
import type { Context, DemoStage } from "@tessera/subgraph";
import { createCube } from "./domain/ask-cube.js";
import { createDashboard } from "./domain/create-dashboard.js";
import { createWidget } from "./domain/edit-dashboard.js";
import { createThreshold } from "./domain/edit-thresholds.js";
import { generateReport } from "./domain/generate-report.js";
import { createMetric, type PointInput, recordMetricPoints } from "./domain/record-metric-points.js";
import { refreshInsights } from "./domain/refresh-insights.js";
import { bucketAfter, bucketOf } from "./domain/time-buckets.js";
import type { WidgetInput, WidgetQueryInput } from "./domain/widget-content.js";

const electricity = "energy.electricity";
const months = 60;
/** Before the current one: what the water and the cube are about. */
const wholeYears = 3;

export default async function tellStory(stage: DemoStage): Promise<void> {
  const { thistlemoor, pinehollow } = organizations;
  const roles = ["sustainability-manager"];
  const priya = stage.as({ id: people.priya.id, tenantId: thistlemoor.id, roles });
  const mateo = stage.as({ id: people.mateo.id, tenantId: pinehollow.id, roles });
  await recordElectricity(priya, { "Leeds plant": 310_000, "Bristol depot": 92_000 });
  await recordElectricity(mateo, { "Fresno plant": 270_000 });
  await recordWater(mateo);
  await furnish(priya, "Carbon overview", carbonDashboardId);
  const emissions = await furnish(mateo, "Emissions");
  for (const keeper of [priya, mateo]) await study(keeper);
  await watch(priya, "450000", "430000");
  await watch(mateo, "330000", "310000");
  await generateReport(mateo, emissions, "CSV");
  await stage.settle();
}

/** Sites by the kWh they take in an average month. */
async function recordElectricity(ctx: Context, sites: Readonly<Record<string, number>>): Promise<void> {
  await createMetric(ctx, { key: electricity, name: "Electricity", unit: "kWh" });
  const points = Object.entries(sites).flatMap(([site, average]) =>
    meterReadings(average, ctx.now()).map((reading) => ({ ...reading, dimensions: [{ name: "site", value: site }] })),
  );
  await recordMetricPoints(ctx, electricity, points);
}

/** The months before the current one. Whichever that is, the trend and the mishap stand out, and nothing else does. */
export function meterReadings(average: number, now: Date): PointInput[] {
  const first = bucketAfter(bucketOf(now, "MONTH"), "MONTH", -months);
  return Array.from({ length: months }, (_, month) => {
    const at = bucketAfter(first, "MONTH", month);
    return { at, value: String(Math.round(average * shareOf(at, month))) };
  });
}

/** Most in winter, a little less every year, and one month in which a cold store was left open. */
function shareOf(at: Date, month: number): number {
  const season = 1 + 0.1 * Math.cos((2 * Math.PI * at.getUTCMonth()) / 12);
  const saved = 1 - 0.003 * month;
  const weather = 1 + 0.02 * Math.sin(month * 2.6);
  const mishap = month === 43 ? 1.35 : 1;
  return season * saved * weather * mishap;
}

/** Nobody else measures it. */
async function recordWater(ctx: Context): Promise<void> {
  await createMetric(ctx, { key: "water.withdrawal", name: "Groundwater of the Fresno plant", unit: "m3" });
  const readings = [1_204_417, 1_187_662, 1_196_381].map((value, year) => ({
    at: startOfYear(ctx, year - wholeYears),
    value: String(value),
    dimensions: [{ name: "well", value: "Fresno well 3" }],
  }));
  await recordMetricPoints(ctx, "water.withdrawal", readings);
}

/** What the electricity of all these years says, and a question to come back to. */
async function study(ctx: Context): Promise<void> {
  await refreshInsights(ctx, electricity, "MONTH");
  await createCube(ctx, "Electricity by site and year", {
    metricKeys: [electricity],
    groupBy: ["site"],
    interval: "YEAR",
    from: startOfYear(ctx, -wholeYears),
    to: startOfYear(ctx, 0),
    subtotals: true,
  });
}

/** Years are counted from the current one. */
function startOfYear(ctx: Context, years: number): Date {
  return bucketAfter(bucketOf(ctx.now(), "YEAR"), "YEAR", years);
}

/** @returns the dashboard's id */
async function furnish(ctx: Context, name: string, id?: string): Promise<string> {
  const description = "Emissions by scope from the inventory, and the electricity behind them.";
  const dashboard = await createDashboard(ctx, { name, description, ...(id !== undefined && { id }) });
  for (const widget of widgets) await createWidget(ctx, dashboard.id, widget);
  return dashboard.id;
}

const yearly = (metricKey: string, more: Partial<WidgetQueryInput> = {}): WidgetQueryInput => ({
  metricKey,
  interval: "YEAR",
  aggregation: "SUM",
  fill: "NONE",
  dimensions: [],
  lastIntervals: 6,
  ...more,
});
const monthly = (more: Partial<WidgetQueryInput>) =>
  yearly(electricity, { interval: "MONTH", lastIntervals: 36, ...more });

const widgets: readonly WidgetInput[] = [
  { kind: "NUMBER", title: "Total emissions", query: yearly("ghg.total") },
  { kind: "BAR", title: "Scope 1", query: yearly("ghg.scope1") },
  { kind: "BAR", title: "Scope 2, location-based", query: yearly("ghg.scope2.location") },
  { kind: "BAR", title: "Scope 2, market-based", query: yearly("ghg.scope2.market") },
  { kind: "PIE", title: "Scope 3 by category", query: yearly("ghg.scope3.category", { groupBy: "category" }) },
  { kind: "LINE", title: "Electricity by site", query: monthly({ groupBy: "site" }) },
  { kind: "TABLE", title: "Electricity by quarter", query: monthly({ interval: "QUARTER", lastIntervals: 12 }) },
  {
    kind: "TEXT",
    title: "How to read this",
    text: "Emissions count in the year their inventory begins. Biogenic CO2 is reported apart.",
  },
];

/** A budget of emissions for a year, and a limit in kWh of electricity for a month. */
async function watch(ctx: Context, limit: string, clearLimit: string): Promise<void> {
  const common = {
    direction: "ABOVE" as const,
    coolDownSeconds: 0,
    aggregation: "SUM" as const,
    dimensions: [],
    enabled: true,
  };
  const budget = { name: "Carbon budget of a year", metricKey: "ghg.total", limit: "350", clearLimit: "340" };
  const meter = { name: "Electricity of a month", metricKey: electricity, limit, clearLimit };
  await createThreshold(ctx, { ...common, ...budget, interval: "YEAR" });
  await createThreshold(ctx, { ...common, ...meter, interval: "MONTH" });
}
