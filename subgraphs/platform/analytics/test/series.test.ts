import type { TestSubgraph } from "@tessera/testkit";
import { Decimal } from "decimal.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bucketOf } from "../src/domain/time-buckets.js";
import { aggregations, type Interval, intervals } from "../src/tables.js";
import { at, createMetricOperation, newPlace, type Place, recordOperation, seriesOperation, start } from "./world.js";

let subgraph: TestSubgraph;
beforeAll(async () => {
  subgraph = await start();
});
afterAll(() => subgraph.close());

const key = "energy.electricity";
type Point = { at: string; value: string; dimensions?: { name: string; value: string }[] };

async function furnish(points: readonly Point[]): Promise<Place> {
  const place = newPlace();
  const client = subgraph.as(place.manager);
  await client.data(createMetricOperation, { key });
  await client.data(recordOperation, { key, points });
  return place;
}

async function read(place: Place, variables: object): Promise<{ at: string; value: string | null; count: number }[]> {
  const range = { from: at("2024-01-01"), to: at("2025-01-01"), interval: "MONTH" };
  const { metricSeries } = await subgraph.as(place.viewer).data(seriesOperation, { key, ...range, ...variables });
  return metricSeries.points;
}

/** Two months of odd times and values, in no order. */
const scattered: Point[] = Array.from({ length: 300 }, (_, index) => ({
  at: new Date(Date.UTC(2023, 10, 3) + ((index * 7919) % 4000) * 1_234_567).toISOString(),
  value: new Decimal((index * 104_729) % 1_000_003).dividedBy(1000).minus(300).toFixed(),
}));

/** The same roll-up without a database. */
function bruteForce(points: readonly Point[], interval: Interval, aggregation: (typeof aggregations)[number]) {
  const buckets = new Map<string, Point[]>();
  for (const point of points) {
    const bucket = bucketOf(new Date(point.at), interval).toISOString();
    buckets.set(bucket, [...(buckets.get(bucket) ?? []), point]);
  }
  const sorted = [...buckets].sort(([one], [other]) => (one < other ? -1 : 1));
  return sorted.map(([bucket, own]) => [bucket, rolledUp(own, aggregation)]);
}

function rolledUp(points: readonly Point[], aggregation: string): string {
  const values = points.map(({ value }) => new Decimal(value));
  const sum = values.reduce((total, value) => total.plus(value), new Decimal(0));
  const newest = points.reduce((last, point) => (point.at > last.at ? point : last));
  const results: Record<string, Decimal> = {
    SUM: sum,
    AVG: sum.dividedBy(values.length),
    MIN: Decimal.min(...values),
    MAX: Decimal.max(...values),
    LAST: new Decimal(newest.value),
    COUNT: new Decimal(values.length),
  };
  return (results[aggregation] as Decimal).toDecimalPlaces(9).toFixed();
}

describe("a roll-up", () => {
  let place: Place;
  const range = { from: at("2023-10-01"), to: at("2024-02-15") };
  beforeAll(async () => {
    place = await furnish(scattered);
  });

  test.each(intervals.flatMap((interval) => aggregations.map((aggregation) => [aggregation, interval] as const)))(
    "%s by %s equals the one computed by hand",
    async (aggregation, interval) => {
      const points = await read(place, { ...range, interval, aggregation });
      const rounded = points.map((point) => [point.at, new Decimal(point.value ?? "NaN").toDecimalPlaces(9).toFixed()]);
      expect(rounded).toEqual(bruteForce(scattered, interval, aggregation));
    },
  );

  test("is right again after late points, wherever they fall", async () => {
    const late: Point[] = [
      { at: "2023-11-03T00:00:01.000Z", value: "1000.001" },
      { at: "2023-12-31T23:59:59.999Z", value: "-7.5" },
    ];
    const other = await furnish(scattered);
    await read(other, { ...range, interval: "MONTH" });
    await subgraph.as(other.manager).data(recordOperation, { key, points: late });
    const points = await read(other, { ...range, interval: "MONTH" });
    expect(points.map((point) => [point.at, new Decimal(point.value ?? "NaN").toDecimalPlaces(9).toFixed()])).toEqual(
      bruteForce([...scattered, ...late], "MONTH", "SUM"),
    );
  });
});

describe("a recorded point", () => {
  const january = { at: at("2024-01-15"), value: "10.10" };

  test("replaces the one with the same time and dimensions", async () => {
    const place = await furnish([january]);
    await subgraph.as(place.manager).data(recordOperation, { key, points: [{ ...january, value: "12" }] });
    expect(await read(place, {})).toMatchObject([{ value: "12", count: 1 }]);
  });

  test("stands beside one with other dimensions, and can be read apart", async () => {
    const site = (value: string) => [{ name: "site", value }];
    const place = await furnish([
      { ...january, dimensions: site("Łódź") },
      { ...january, dimensions: site("Leeds") },
    ]);
    expect(await read(place, {})).toMatchObject([{ value: "20.2", count: 2 }]);
    expect(await read(place, { dimensions: site("Łódź") })).toMatchObject([{ value: "10.1", count: 1 }]);
  });

  test("is refused with its neighbours when one of them is wrong, and nothing is written", async () => {
    const place = await furnish([]);
    const twice = { key, points: [january, { at: at("2024-02-01"), value: "1" }, january] };
    const error = await subgraph.as(place.manager).error(recordOperation, twice);
    expect(error).toMatchObject({ code: "POINTS_INVALID", details: { index: 2 } });
    expect(await read(place, {})).toEqual([]);
  });

  test("is refused for a metric that events feed, and for one that does not exist", async () => {
    const place = newPlace();
    const client = subgraph.as(place.manager);
    const dashboard = await client.data('mutation { createDashboard(name: "D") { id } }');
    const query = { metricKey: "ghg.total", interval: "YEAR", lastIntervals: 1 };
    await client.data("mutation ($id: ID!, $i: WidgetInput!) { createWidget(dashboardId: $id, input: $i) { id } }", {
      id: dashboard.createDashboard.id,
      i: { kind: "NUMBER", title: "Total", query },
    });
    expect(await client.error(recordOperation, { key: "ghg.total", points: [january] })).toMatchObject({
      code: "METRIC_NOT_OWN",
    });
    expect(await client.error(recordOperation, { key: "nothing", points: [january] })).toMatchObject({
      code: "METRIC_UNKNOWN",
    });
  });

  test("may be recorded by an analyst, and not by a viewer", async () => {
    const place = await furnish([]);
    const analyst = subgraph.as({ ...place.manager, roles: ["analyst"] });
    expect(await analyst.data(recordOperation, { key, points: [january] })).toMatchObject({
      recordMetricPoints: { key },
    });
    expect(await subgraph.as(place.viewer).error(recordOperation, { key, points: [january] })).toMatchObject({
      code: "FORBIDDEN",
    });
  });
});

describe("a series", () => {
  test("shows gaps the way it is asked to", async () => {
    const place = await furnish([
      { at: at("2024-02-10"), value: "10" },
      { at: at("2024-05-10"), value: "16" },
    ]);
    const spring = { from: at("2024-02-01"), to: at("2024-07-01") };
    const values = async (fill: string) => (await read(place, { ...spring, fill })).map(({ value }) => value);
    expect(await values("NONE")).toEqual(["10", "16"]);
    expect(await values("NULL")).toEqual(["10", null, null, "16", null]);
    expect(await values("ZERO")).toEqual(["10", "0", "0", "16", "0"]);
    expect(await values("PREVIOUS")).toEqual(["10", "10", "10", "16", "16"]);
    expect(await values("LINEAR")).toEqual(["10", "12", "14", "16", null]);
  });

  test("takes the first instant of its range and not the one after its last", async () => {
    const place = await furnish([
      { at: at("2024-01-01"), value: "1" },
      { at: at("2025-01-01"), value: "2" },
    ]);
    expect(await read(place, { interval: "YEAR" })).toMatchObject([{ value: "1" }]);
  });

  test("is found again by its id, and not by another organization", async () => {
    const place = await furnish([{ at: at("2024-01-15"), value: "5" }]);
    const variables = { key, from: at("2024-01-01"), to: at("2025-01-01"), interval: "MONTH" };
    const { metricSeries } = await subgraph.as(place.viewer).data(seriesOperation, variables);
    const again = await subgraph.as(place.viewer).entity("MetricSeries", metricSeries.id, "points { value }");
    expect(again).toEqual({ points: [{ value: "5" }] });
    expect(await subgraph.as(newPlace().viewer).entity("MetricSeries", metricSeries.id, "points { value }")).toBeNull();
    expect(await subgraph.as(place.viewer).entity("MetricSeries", "nonsense", "points { value }")).toBeNull();
  });

  test("of an unknown metric, of no range or of too long a one is refused", async () => {
    const place = await furnish([]);
    const ask = (variables: object) => {
      const range = { from: at("2024-01-01"), to: at("2025-01-01"), interval: "MONTH" };
      return subgraph.as(place.viewer).error(seriesOperation, { key, ...range, ...variables });
    };
    expect(await ask({ key: "nothing" })).toMatchObject({ code: "METRIC_UNKNOWN" });
    expect(await ask({ to: at("2024-01-01") })).toMatchObject({ code: "RANGE_INVALID" });
    expect(await ask({ interval: "HOUR", from: at("2000-01-01") })).toMatchObject({ code: "RANGE_TOO_LONG" });
  });

  test("is for those who may read analytics", async () => {
    const place = await furnish([]);
    const variables = { key, from: at("2024-01-01"), to: at("2025-01-01"), interval: "MONTH" };
    const stranger = subgraph.as({ ...place.viewer, roles: [], scopes: ["identity:read"] });
    expect(await stranger.error(seriesOperation, variables)).toMatchObject({ code: "FORBIDDEN" });
    expect(await subgraph.as(null).error(seriesOperation, variables)).toMatchObject({ code: "UNAUTHENTICATED" });
    expect(await subgraph.as(place.viewer).data(seriesOperation, variables)).toBeDefined();
  });
});

test("a metric's key is of one's own, well formed and not taken", async () => {
  const client = subgraph.as(newPlace().manager);
  expect(await client.data(createMetricOperation, { key })).toMatchObject({ createMetric: { key } });
  expect(await client.error(createMetricOperation, { key })).toMatchObject({ code: "METRIC_KEY_TAKEN" });
  expect(await client.error(createMetricOperation, { key: "ghg.mine" })).toMatchObject({ code: "METRIC_KEY_TAKEN" });
  expect(await client.error(createMetricOperation, { key: "Not A Key" })).toMatchObject({ code: "METRIC_KEY_INVALID" });
});
