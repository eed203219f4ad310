/** Finding factors, and factors of one's own. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { createCalculation, openWorld, recalculate, record, result, type World } from "./world.js";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.subgraph.close());

const search = `query ($search: String, $region: String, $year: Int, $scope: EmissionScope, $unit: String, $set: String, $first: Int, $after: String) {
  emissionFactors(search: $search, region: $region, year: $year, scope: $scope, unit: $unit, factorSet: $set, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor } nodes { key activity unit region year scope kgCo2e factorSet { key publisher licence } } } }`;
const find = async (variables: object) => (await world.viewer.data(search, { ...variables })).emissionFactors;

test("factors are found by words, best match first, with who published them", async () => {
  const { nodes } = await find({
    search: "natural gas",
    region: "GB",
    year: 2024,
    scope: "SCOPE_1",
    unit: "therm",
    first: 3,
  });
  expect(nodes[0]).toMatchObject({
    activity: "natural-gas",
    unit: "kWh",
    region: "GB",
    year: 2024,
    factorSet: { key: "desnz-2024" },
  });
  expect(nodes[0].factorSet.licence).toContain("Open Government Licence");
});

test("all packs are loaded and named with publisher and licence", async () => {
  const { factorSets } = await world.viewer.data("{ factorSets { key rowCount publisher licence attribution } }");
  expect(factorSets.map(({ key }: { key: string }) => key)).toEqual(
    expect.arrayContaining(["desnz-2024", "desnz-2025", "egrid-2023", "epa-hub-2025", "epa-supply-chain-2022"]),
  );
  expect(factorSets.find(({ key }: { key: string }) => key === "desnz-2024").rowCount).toBe(2672);
});

test("pages go on where the last one ended and meet no factor twice", async () => {
  const first = await find({ search: "diesel", set: "desnz-2024", first: 10 });
  const second = await find({ search: "diesel", set: "desnz-2024", first: 10, after: first.pageInfo.endCursor });
  const keys = [...first.nodes, ...second.nodes].map(({ key }: { key: string }) => key);
  expect([new Set(keys).size, first.pageInfo.hasNextPage]).toEqual([20, true]);
  const wrong = await world.viewer.error(search, { search: "diesel", first: 10, after: "bm90aGluZw" });
  expect(wrong.code).toBe("INVALID_PAGE");
});

const custom = {
  activity: "natural-gas",
  name: "Biomethane blend",
  region: "GB",
  year: 2024,
  scope: "SCOPE_1",
  unit: "kWh",
  kgCo2e: "0.15",
  source: "Supplier statement 2024",
  validFrom: "2024-07-01",
  validTo: "2024-12-31",
};
const create =
  "mutation ($input: CustomFactorInput!) { createCustomFactor(input: $input) { id key origin source validFrom } }";

test("a search that was kept is dropped when the organization adds or retires a factor", async () => {
  const wanted = { search: "biomethane blend" };
  expect((await find(wanted)).totalCount).toBe(0);
  const { createCustomFactor } = await world.manager.data(create, { input: custom });
  expect((await find(wanted)).totalCount).toBe(1);
  await world.manager.data("mutation ($id: ID!) { retireCustomFactor(id: $id) { id } }", { id: createCustomFactor.id });
  expect((await find(wanted)).totalCount).toBe(0);
});

test("a factor of one's own goes before published ones, on the days it is valid and no others", async () => {
  const { manager } = world;
  const id = await createCalculation(manager, { automaticCategory3: false });
  const { createCustomFactor } = await manager.data(create, { input: custom });
  await record(manager, id, { quantity: "100", start: "2024-01-01", end: "2024-06-30" });
  await record(manager, id, { quantity: "100", start: "2024-07-01", end: "2024-12-31" });
  const { lines } = await result(manager, id);
  expect(lines.nodes.map(({ kgCo2e }: { kgCo2e: string }) => kgCo2e)).toEqual(["18.29", "15"]);
  expect(lines.nodes[1]).toMatchObject({ factor: { id: createCustomFactor.id }, factorSetKey: "custom" });
});

test.each([
  [{ kgCo2e: "-1" }, "NEGATIVE_QUANTITY"],
  [{ unit: "bushel" }, "UNKNOWN_UNIT"],
  [{ validTo: "2023-01-01" }, "INVALID_PERIOD"],
  [{ source: " " }, "INVALID_TEXT"],
  [{ scope: "SCOPE_3", scope3Categories: [] }, "CATEGORY_REQUIRED"],
  [{ scope: "SCOPE_3", scope3Categories: [16] }, "UNKNOWN_CATEGORY"],
])("a factor with %j is refused as %s", async (wrong, code) => {
  expect((await world.manager.error(create, { input: { ...custom, ...wrong } })).code).toBe(code);
});

test("factor sets are used in the order the calculation names them, and an unknown one is refused", async () => {
  const { manager } = world;
  const scope2 = async (factorSets: string[]) => {
    const id = await createCalculation(manager, { factorSets });
    await record(manager, id, { activity: "electricity", quantity: "1000000" });
    return (await result(manager, id)).scope2Location;
  };
  expect(await scope2([])).toBe("207050");
  expect(await scope2(["desnz-2025", "desnz-2024"])).toBe("177000");
  const input = { name: "x", start: "2024-01-01", end: "2024-12-31", region: "GB", factorSets: ["defra-1066"] };
  expect(
    (
      await manager.error(
        "mutation ($input: EmissionCalculationInput!) { createEmissionCalculation(input: $input) { id } }",
        { input },
      )
    ).code,
  ).toBe("UNKNOWN_FACTOR_SET");
});

test("a supplier's own factor is used for what is bought from that supplier, and for nothing else", async () => {
  const { manager } = world;
  const supplierId = "01900000-0009-7000-8000-000000000001";
  const oven = {
    activity: "electricity-grid",
    name: "Wind tariff",
    scope: "SCOPE_2",
    unit: "kWh",
    region: "GB",
    year: 2024,
  };
  const factor = { ...oven, kgCo2e: "0.01", source: "Tariff sheet", validFrom: "2024-01-01", supplierId };
  await manager.data(create, { input: factor });
  const id = await createCalculation(manager, { automaticCategory3: false });
  await record(manager, id, { activity: "electricity", quantity: "1000", supplierId });
  await record(manager, id, { activity: "electricity", quantity: "1000" });
  const { lines } = await result(manager, id);
  const located = lines.nodes.filter(({ scope2Basis }: { scope2Basis: string }) => scope2Basis === "LOCATION");
  expect(located.map(({ kgCo2e }: { kgCo2e: string }) => kgCo2e)).toEqual(["10", "207.05"]);
});

test("an entry may name its factor by id and call itself as it likes, and instruments still serve its power", async () => {
  const { manager } = world;
  const { emissionFactors } = await manager.data(
    '{ emissionFactors(activity: "electricity-grid", factorSet: "desnz-2025") { nodes { id } } }',
  );
  const id = await createCalculation(manager, { automaticCategory3: false });
  const input = { kind: "SUPPLIER_RATE", reference: "tariff", market: "GB", vintage: 2024, kgPerKwh: "0.1" };
  const criteriaMet = [
    "CONVEYS_EMISSION_RATE",
    "ONLY_CLAIM",
    "RETIRED_FOR_REPORTER",
    "VINTAGE_NEAR_CONSUMPTION",
    "SAME_MARKET",
    "UTILITY_MIX_AFTER_CERTIFICATES",
  ];
  const add =
    "mutation ($id: ID!, $input: ContractualInstrumentInput!) { recordContractualInstrument(calculationId: $id, input: $input) { id } }";
  await manager.data(add, { id, input: { ...input, criteriaMet } });
  await record(manager, id, { activity: "office-power", quantity: "1000", factorId: emissionFactors.nodes[0].id });
  expect(await result(manager, id)).toMatchObject({ scope2Location: "177", scope2Market: "100" });
});

test("entries whose factor is gone keep a calculation from being recalculated, and are named", async () => {
  const { manager } = world;
  const own = { ...custom, activity: "kiln-dust", unit: "t", validTo: null };
  const { createCustomFactor } = await manager.data(create, { input: own });
  const id = await createCalculation(manager);
  const entryId = await record(manager, id, { activity: "kiln-dust", quantity: "1", unit: "t", start: "2024-08-01" });
  const first = await result(manager, id);
  await manager.data("mutation ($id: ID!) { retireCustomFactor(id: $id) { id } }", { id: createCustomFactor.id });
  const refused = await manager.error(recalculate, { id });
  expect(refused).toMatchObject({
    code: "CALCULATION_INCOMPLETE",
    details: { entries: [{ entryId, code: "FACTOR_NOT_FOUND" }] },
  });
  const { emissionCalculation } = await manager.data(
    "query ($id: ID!) { emissionCalculation(id: $id) { results { id } } }",
    { id },
  );
  expect(emissionCalculation.results).toEqual([{ id: first.id }]);
});
