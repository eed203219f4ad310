import type { TestSubgraph } from "@tessera/testkit";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { bucketAfter, bucketOf } from "../src/domain/time-buckets.js";
import { at, createMetricOperation, newPlace, type Place, recordOperation, start } from "./world.js";

/** Whatever day it is: a month that ends in the middle of a test would make the series another one. */
const now = new Date("2025-03-17T11:00:00Z");

let subgraph: TestSubgraph;
beforeAll(async () => {
  subgraph = await start();
  vi.spyOn(subgraph.clock, "now").mockReturnValue(now);
});
afterAll(() => subgraph.close());

const key = "energy.electricity";
const season = [120, 110, 95, 80, 70, 60, 62, 65, 75, 90, 105, 118];
const noise = [1, -2, 0, 2, -1, 1, 0];

/** Five years of months, the last one complete, with a mishap two years in. */
async function furnish(values: (month: number) => number): Promise<Place> {
  const place = newPlace();
  const client = subgraph.as(place.manager);
  await client.data(createMetricOperation, { key });
  const first = bucketAfter(bucketOf(now, "MONTH"), "MONTH", -60);
  const points = Array.from({ length: 60 }, (_, month) => ({
    at: bucketAfter(first, "MONTH", month).toISOString(),
    value: String(values(month)),
  }));
  await client.data(recordOperation, { key, points });
  return place;
}
const usual = (month: number) => (season[month % 12] ?? 0) * 10 - 3 * month + (noise[month % 7] ?? 0);
const mishap = (month: number) => usual(month) + (month === 26 ? 900 : 0);

const statistics = `query ($key: String!, $from: DateTime!, $to: DateTime!) {
  metricSeries(key: $key, from: $from, to: $to, interval: MONTH) {
    trend { direction slope n pValue } anomalies { at value expected score }
    forecast(steps: 3) { method mape naiveMethod naiveMape backtests points { at value low high } } } }`;
const range = () => ({ key, from: at("2015-01-01"), to: now.toISOString() });

describe("the statistics of a series", () => {
  test("name trend, anomaly and forecast of five years", async () => {
    const place = await furnish(mishap);
    const { metricSeries } = await subgraph.as(place.viewer).data(statistics, range());
    expect(metricSeries.trend).toMatchObject({ direction: "FALLING", n: 60 });
    expect(metricSeries.anomalies).toHaveLength(1);
    expect(metricSeries.anomalies[0]).toMatchObject({ value: mishap(26) });
    expect(metricSeries.forecast.naiveMethod).toBe("SEASONAL_NAIVE");
    expect(metricSeries.forecast.mape).toBeLessThanOrEqual(metricSeries.forecast.naiveMape);
    const { points } = metricSeries.forecast;
    expect(points[0].at).toBe(bucketOf(now, "MONTH").toISOString());
    for (const [step, { value }] of points.entries()) expect(Math.abs(value - usual(60 + step))).toBeLessThan(60);
  });

  test("are none for a series that is too short, and no forecast is made over a gap", async () => {
    const place = newPlace();
    const client = subgraph.as(place.manager);
    await client.data(createMetricOperation, { key });
    const months = [1, 2, 3, 4, 5, 6, 8, 9].map((month) => ({ at: at(`2024-0${month}-01`), value: String(month) }));
    await client.data(recordOperation, { key, points: months.slice(0, 2) });
    expect((await client.data(statistics, range())).metricSeries).toEqual({
      trend: null,
      anomalies: [],
      forecast: null,
    });
    await client.data(recordOperation, { key, points: months });
    const { metricSeries } = await client.data(statistics, range());
    expect(metricSeries).toMatchObject({ trend: { direction: "RISING" }, forecast: null });
  });
});

const refresh = `mutation { refreshInsights(metricKey: "${key}", interval: MONTH) { id kind title summary } }`;

describe("insights", () => {
  test("say what was found in words, and are replaced when they are looked for again", async () => {
    const place = await furnish(mishap);
    const client = subgraph.as(place.manager);
    const { refreshInsights } = await client.data(refresh);
    expect(refreshInsights.map(({ kind }: { kind: string }) => kind)).toEqual(["TREND", "ANOMALY", "FORECAST"]);
    expect(refreshInsights[0].title).toMatch(/^Electricity falls by [\d.,]+ kWh a month$/);
    expect(refreshInsights[0].summary).toMatch(/Mann–Kendall p/);
    expect(refreshInsights[1].title).toMatch(/^Electricity was unusually high in \d{4}-\d{2}$/);
    expect(refreshInsights[2].summary).toMatch(/of the naive method [\d.]+ %/);
    const [newest] = (await client.data(refresh)).refreshInsights;
    const organization = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on Organization { insights { kind } metric(key: "${key}") { unit } } } }`;
    const asked = await client.data(organization, { r: [{ __typename: "Organization", id: place.tenantId }] });
    expect(asked._entities[0].insights).toHaveLength(3);
    expect(asked._entities[0].metric).toEqual({ unit: "kWh" });
    const stranger = subgraph.as(newPlace().viewer);
    expect(await stranger.entity("Insight", newest.id, "title")).toBeNull();
    expect(await client.entity("Insight", newest.id, "kind")).toEqual({ kind: "TREND" });
  });

  test("are looked for by a manager, and not by a viewer", async () => {
    const place = await furnish(usual);
    expect(await subgraph.as(place.viewer).error(refresh)).toMatchObject({ code: "FORBIDDEN" });
    expect(await subgraph.as(place.manager).data(refresh)).toBeDefined();
    expect(await subgraph.as(newPlace().manager).error(refresh)).toMatchObject({ code: "METRIC_UNKNOWN" });
  });
});

test("the bridge from one year to the next adds up, for whoever may read", async () => {
  const operation = `query ($p: [BridgeLineInput!]!, $c: [BridgeLineInput!]!) {
    yearOnYearBridge(previous: $p, current: $c) { previous current change activity factor boundary method } }`;
  const line = (key: string, activity: string, factor: string) => ({ key, activity, factor });
  const lines = { p: [line("gas", "100", "2"), line("sold", "10", "3")], c: [line("gas", "120", "1.5")] };
  const expected = {
    previous: "230",
    current: "180",
    change: "-50",
    activity: "35",
    factor: "-55",
    boundary: "-30",
    method: "0",
  };
  const { viewer } = newPlace();
  expect(await subgraph.as(viewer).data(operation, lines)).toEqual({ yearOnYearBridge: expected });
  expect(await subgraph.as({ ...viewer, roles: [] }).error(operation, lines)).toMatchObject({ code: "FORBIDDEN" });
  const twice = { p: [line("gas", "1", "1"), line("gas", "2", "1")], c: [] };
  expect(await subgraph.as(viewer).error(operation, twice)).toMatchObject({ code: "BRIDGE_INVALID" });
});
