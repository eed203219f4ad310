import type { TestSubgraph } from "@tessera/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createMetricOperation, emissionsEvent, newPlace, type Place, start } from "./world.js";

let subgraph: TestSubgraph;
beforeAll(async () => {
  subgraph = await start();
});
afterAll(() => subgraph.close());

const contribute = `mutation ($g: BenchmarkGroupInput!) {
  contributeToBenchmark(group: $g) { id value benchmark { id n lowerQuartile median upperQuartile } } }`;
const read = `query ($g: BenchmarkGroupInput!, $of: Decimal! = "0") {
  benchmark(group: $g) { id n lowerQuartile median upperQuartile sizeBand quarter(of: $of) } }`;
const withdraw = "mutation ($id: ID!) { withdrawFromBenchmark(agreementId: $id) }";

const group = (industry: string, more: object = {}) => ({
  metricKey: "ghg.scope1",
  year: 2024,
  industry,
  employees: 300,
  ...more,
});

/** Organizations whose scope 1 emissions of 2024 are these. */
async function members(figures: readonly string[]): Promise<Place[]> {
  const places = figures.map(() => newPlace());
  await subgraph.deliver(...places.map((place, index) => emissionsEvent(place, { scope1: figures[index] ?? "0" })));
  return places;
}

async function give(industry: string, figures: readonly string[], more: object = {}) {
  const given: { place: Place; agreementId: string }[] = [];
  for (const place of await members(figures)) {
    subgraph.clock.advance({ minutes: 1 });
    const { contributeToBenchmark } = await subgraph.as(place.owner).data(contribute, { g: group(industry, more) });
    given.push({ place, agreementId: contributeToBenchmark.id });
  }
  return given;
}

const seen = async (industry: string, of = "0", more: object = {}) =>
  (await subgraph.as(newPlace().viewer).data(read, { g: group(industry, more), of })).benchmark;

describe("a benchmark", () => {
  test("says nothing about four organizations, not even to themselves, and speaks with the fifth", async () => {
    const [first] = await give("Dairies", ["1000", "2000", "3000", "4000"]);
    expect(await seen("Dairies")).toBeNull();
    const again = await subgraph
      .as(first?.place.owner ?? null)
      .data("{ benchmarkAgreements { value benchmark { n } } }");
    expect(again).toEqual({ benchmarkAgreements: [{ value: "1000", benchmark: null }] });
    await give("Dairies", ["5000"]);
    expect(await seen(" dairies ", "3500")).toMatchObject({
      n: 5,
      lowerQuartile: "2000",
      median: "3000",
      upperQuartile: "4000",
      sizeBand: "LARGE",
      quarter: "THIRD",
    });
  });

  test("counts an organization once, however often it gives", async () => {
    const bakeries = await give("Bakeries", ["10", "20", "30", "40"]);
    for (const { place } of bakeries) await subgraph.as(place.owner).data(contribute, { g: group("Bakeries") });
    expect(await seen("Bakeries")).toBeNull();
  });

  test("does not move when a sixth one joins or one leaves, so nobody's figure is the difference", async () => {
    const [first] = await give("Breweries", ["100", "200", "300", "400", "500"]);
    const before = await seen("Breweries");
    await give("Breweries", ["99999"]);
    expect(await seen("Breweries")).toEqual(before);
    await subgraph.as(first?.place.owner ?? null).data(withdraw, { id: first?.agreementId });
    expect(await seen("Breweries")).toEqual(before);
  });

  test("is published anew once five contributions changed", async () => {
    await give("Mills", ["100", "200", "300", "400", "500"]);
    await give("Mills", ["600", "700", "800", "900", "1000"]);
    expect(await seen("Mills")).toMatchObject({ n: 10, median: "550" });
  });

  test("disappears when fewer than five are left, and does not come back by exchanging one", async () => {
    const [first] = await give("Wineries", ["1", "2", "3", "4", "5"]);
    await subgraph.as(first?.place.owner ?? null).data(withdraw, { id: first?.agreementId });
    expect(await seen("Wineries")).toBeNull();
    await give("Wineries", ["6"]);
    expect(await seen("Wineries")).toBeNull();
  });

  test("compares organizations of one size, year and basis only", async () => {
    await give("Farms", ["1", "2", "3", "4"]);
    await give("Farms", ["5"], { employees: 20 });
    expect(await seen("Farms")).toBeNull();
    expect(await seen("Farms", "0", { employees: 20 })).toBeNull();
    await give("Farms", ["300", "600", "900", "1200", "1500"], { perEmployee: true });
    expect(await seen("Farms", "0", { perEmployee: true })).toMatchObject({ n: 5, median: "3" });
  });

  test("is the same entity for everybody, and none before it is published", async () => {
    await give("Ports", ["1", "2", "3", "4", "5"]);
    const { id } = await seen("Ports");
    expect(await subgraph.as(newPlace().viewer).entity("Benchmark", id, "n")).toEqual({ n: 5 });
  });

  test("keeps no trace of who gave what: no column holds an organization's id", async () => {
    const [one] = await give("Quarries", ["123", "4", "5", "6", "7"]);
    const rows = await subgraph.runtime.database.admin`select * from analytics.contributions`;
    const { place } = one as { place: Place };
    expect(JSON.stringify(rows)).not.toContain(place.tenantId);
    expect(JSON.stringify(rows)).not.toContain(place.owner.id);
    const perGroup = new Set(rows.map(({ contributor }) => contributor));
    expect(perGroup.size).toBe(rows.length);
  });
});

describe("a contribution", () => {
  test("is the decision of somebody who may administer analytics, and of nobody else", async () => {
    const [place] = (await members(["10"])) as [Place];
    expect(await subgraph.as(place.manager).error(contribute, { g: group("Forges") })).toMatchObject({
      code: "FORBIDDEN",
    });
    expect(await subgraph.as(place.owner).data(contribute, { g: group("Forges") })).toMatchObject({
      contributeToBenchmark: { value: "10" },
    });
  });

  test("needs figures of that year, and a real group", async () => {
    const [place] = (await members(["10"])) as [Place];
    const error = (more: object) => subgraph.as(place.owner).error(contribute, { g: group("Forges", more) });
    expect(await error({ year: 2019 })).toMatchObject({ code: "BENCHMARK_NO_DATA" });
    expect(await error({ employees: 0 })).toMatchObject({ code: "BENCHMARK_GROUP_INVALID" });
    expect(await error({ industry: "  " })).toMatchObject({ code: "BENCHMARK_GROUP_INVALID" });
  });

  test("is of a metric that means the same everywhere, and not of one's own", async () => {
    const [place] = (await members(["10"])) as [Place];
    const owner = subgraph.as(place.owner);
    await owner.data(createMetricOperation, { key: "energy.gas", unit: "therms" });
    const own = await owner.error(contribute, { g: group("Forges", { metricKey: "energy.gas" }) });
    expect(own).toMatchObject({ code: "BENCHMARK_GROUP_INVALID" });
    expect(await owner.data(contribute, { g: group("Forges") })).toBeDefined();
  });

  test("is taken back by who gave it, and not by another organization", async () => {
    const [one, other] = await give("Tanneries", ["1", "2"]);
    const ids = { id: one?.agreementId };
    expect(await subgraph.as(other?.place.owner ?? null).error(withdraw, ids)).toMatchObject({
      code: "AGREEMENT_NOT_FOUND",
    });
    expect(await subgraph.as(one?.place.owner ?? null).data(withdraw, ids)).toEqual({
      withdrawFromBenchmark: one?.agreementId,
    });
    expect(await subgraph.as(one?.place.owner ?? null).data("{ benchmarkAgreements { id } }")).toEqual({
      benchmarkAgreements: [],
    });
  });
});
