import { platformEvents } from "@tessera/shared-types";
import type { TestSubgraph } from "@tessera/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { at, createMetricOperation, newPlace, type Place, recordOperation, start } from "./world.js";

let subgraph: TestSubgraph;
let place: Place;
const key = "energy.use";

beforeAll(async () => {
  subgraph = await start();
  place = newPlace();
  const client = subgraph.as(place.manager);
  await client.data(createMetricOperation, { key });
  const point = (day: string, value: string, site: string, fuel?: string) => ({
    at: at(day),
    value,
    dimensions: [{ name: "site", value: site }, ...(fuel ? [{ name: "fuel", value: fuel }] : [])],
  });
  const points = [
    point("2024-01-10", "1.5", "Leeds", "gas"),
    point("2024-01-20", "2", "Leeds", "power"),
    point("2024-02-10", "4", "Leeds", "gas"),
    point("2024-02-11", "8", "Łódź", "gas"),
    point("2024-02-12", "16", "Łódź"),
  ];
  await client.data(recordOperation, { key, points });
});
afterAll(() => subgraph.close());

const ask = `query ($q: CubeQueryInput!) { queryCube(query: $q) { truncated cells { metricKey at value count dimensions { name value } } } }`;
const range = { from: at("2024-01-01"), to: at("2025-01-01") };
type Cell = { at: string | null; value: string; count: number; dimensions: { name: string; value: string | null }[] };

async function cells(query: object): Promise<string[]> {
  const { queryCube } = await subgraph.as(place.viewer).data(ask, { q: { metricKeys: [key], ...range, ...query } });
  return queryCube.cells.map(({ at: bucket, value, count, dimensions }: Cell) => {
    const names = dimensions.map((dimension) => `${dimension.name}=${dimension.value}`).join(" ");
    return `${bucket?.slice(0, 7) ?? "*"} ${names || "*"}: ${value} of ${count}`;
  });
}

describe("a cube", () => {
  test("groups by dimensions, and shows points that lack one as such", async () => {
    expect(await cells({ groupBy: ["site", "fuel"] })).toEqual([
      "* site=Leeds fuel=gas: 5.5 of 2",
      "* site=Leeds fuel=power: 2 of 1",
      "* site=Łódź fuel=null: 16 of 1",
      "* site=Łódź fuel=gas: 8 of 1",
    ]);
  });

  test("adds up to every subtotal and the grand total when asked to", async () => {
    const all = await cells({ groupBy: ["site", "fuel"], subtotals: true });
    expect(all).toContain("* *: 31.5 of 5");
    expect(all).toContain("* site=Leeds: 7.5 of 3");
    expect(all).toContain("* fuel=gas: 13.5 of 3");
    expect(all).toContain("* fuel=null: 16 of 1");
    expect(all).toHaveLength(4 + 2 + 3 + 1);
  });

  test("crosses dimensions with time", async () => {
    expect(await cells({ groupBy: ["site"], interval: "MONTH", aggregation: "MAX" })).toEqual([
      "2024-01 site=Leeds: 2 of 2",
      "2024-02 site=Leeds: 4 of 1",
      "2024-02 site=Łódź: 16 of 2",
    ]);
  });

  test("lets through what its filters name, values of one dimension being alternatives", async () => {
    const site = (value: string) => ({ name: "site", value });
    expect(await cells({ filters: [site("Łódź"), { name: "fuel", value: "gas" }] })).toEqual(["* *: 8 of 1"]);
    expect(await cells({ filters: [site("Łódź"), site("Leeds")] })).toEqual(["* *: 31.5 of 5"]);
  });

  test("takes names that look like SQL as names", async () => {
    const odd = `x' or '1'='1`;
    expect(await cells({ groupBy: [odd], filters: [{ name: odd, value: odd }] })).toEqual([]);
    expect(await cells({ groupBy: ['"; drop table analytics.points; --'] })).toHaveLength(1);
  });

  test("tells the meter what was read", async () => {
    await cells({ groupBy: ["site"], subtotals: true });
    await subgraph.settle();
    const event = subgraph.published(platformEvents.queryExecuted).at(-1);
    expect(event).toMatchObject({ tenantId: place.tenantId, payload: { metricKeys: [key], points: 5 } });
  });

  test("without metric, with too many dimensions or the same one twice is refused", async () => {
    const refused = (query: object) =>
      subgraph.as(place.viewer).error(ask, { q: { metricKeys: [key], ...range, ...query } });
    expect(await refused({ metricKeys: [] })).toMatchObject({ code: "CUBE_INVALID" });
    expect(await refused({ groupBy: ["a", "b", "c", "d", "e"] })).toMatchObject({ code: "CUBE_INVALID" });
    expect(await refused({ groupBy: ["a", "a"] })).toMatchObject({ code: "CUBE_INVALID" });
  });

  test("shows nothing of another organization", async () => {
    const { queryCube } = await subgraph.as(newPlace().viewer).data(ask, { q: { metricKeys: [key], ...range } });
    expect(queryCube.cells).toEqual([]);
  });

  test("is saved by a manager, asked by a viewer, and unknown elsewhere", async () => {
    const save = 'mutation ($q: CubeQueryInput!) { createCube(name: "Sites", query: $q) { id } }';
    const variables = { q: { metricKeys: [key], groupBy: ["site"], ...range } };
    expect(await subgraph.as(place.viewer).error(save, variables)).toMatchObject({ code: "FORBIDDEN" });
    const { createCube } = await subgraph.as(place.manager).data(save, variables);
    const read = "query ($id: ID!) { cube(id: $id) { name result { cells { value } } } }";
    expect(await subgraph.as(place.viewer).data(read, createCube)).toEqual({
      cube: { name: "Sites", result: { cells: [{ value: "7.5" }, { value: "24" }] } },
    });
    const remove = "mutation ($id: ID!) { deleteCube(id: $id) }";
    const stranger = subgraph.as(newPlace().manager);
    expect(await stranger.data(read, createCube)).toEqual({ cube: null });
    expect(await stranger.error(remove, createCube)).toMatchObject({ code: "CUBE_NOT_FOUND" });
    expect(await subgraph.as(place.manager).data(remove, createCube)).toEqual({ deleteCube: createCube.id });
  });
});
