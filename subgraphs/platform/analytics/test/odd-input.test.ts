import type { TestSubgraph } from "@tessera/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  at,
  createDashboardOperation,
  createMetricOperation,
  newPlace,
  recordOperation,
  seriesOperation,
  start,
} from "./world.js";

let subgraph: TestSubgraph;
beforeAll(async () => {
  subgraph = await start();
});
afterAll(() => subgraph.close());

const nul = "a\u0000b";
const range = { from: at("2024-01-01"), to: at("2025-01-01"), interval: "MONTH" };

/** Codes of what went wrong, or the data. */
async function outcome(operation: string, variables: object): Promise<unknown> {
  const { errors, data } = await subgraph.as(newPlace().owner).run(operation, variables as Record<string, unknown>);
  return errors?.[0]?.extensions?.code ?? data;
}

test.each<[string, string, object, unknown]>([
  [
    "a series' dimension",
    seriesOperation,
    { key: "a", ...range, dimensions: [{ name: "n", value: nul }] },
    "DIMENSIONS_INVALID",
  ],
  ["a new metric's key", createMetricOperation, { key: nul }, "METRIC_KEY_INVALID"],
  ["a new metric's unit", createMetricOperation, { key: "a", unit: nul }, "NAME_INVALID"],
  ["a dashboard's name", createDashboardOperation, { name: nul }, "NAME_INVALID"],
  [
    "a cube's metric",
    "query ($q: CubeQueryInput!) { queryCube(query: $q) { truncated } }",
    { q: { metricKeys: [nul], ...range, interval: null } },
    "CUBE_INVALID",
  ],
  [
    "an industry",
    "query ($g: BenchmarkGroupInput!) { benchmark(group: $g) { n } }",
    { g: { metricKey: "ghg.total", industry: nul, year: 2024, employees: 5 } },
    "BENCHMARK_GROUP_INVALID",
  ],
])("a NUL character in %s is an answer and no accident", async (_, operation, variables, expected) => {
  expect(await outcome(operation, variables)).toEqual(expected);
});

test.each([
  ["a number that is none", { at: at("2024-01-01"), value: "NaN" }],
  ["a number of a thousand digits", { at: at("2024-01-01"), value: "9".repeat(1000) }],
  ["a fraction that has been through binary floating point", { at: at("2024-01-01"), value: 0.1 }],
])("%s is refused and nothing is recorded", async (_, point) => {
  const client = subgraph.as(newPlace().manager);
  await client.data(createMetricOperation, { key: "a.b" });
  expect((await client.error(recordOperation, { key: "a.b", points: [point] })).code).not.toBe("INTERNAL_SERVER_ERROR");
  const { metricSeries } = await client.data(seriesOperation, { key: "a.b", ...range });
  expect(metricSeries.points).toEqual([]);
});
