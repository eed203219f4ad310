/** Who may see and change what. */
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createCalculation,
  createSite,
  gasBill,
  openWorld,
  recalculate,
  record,
  recordEntry,
  result,
  type World,
} from "./world.js";

let world: World;
let id: string;
beforeAll(async () => {
  world = await openWorld();
  id = await createCalculation(world.manager);
  await record(world.manager, id);
  await result(world.manager, id);
});
afterAll(() => world.subgraph.close());

const readIt = "query ($id: ID!) { emissionCalculation(id: $id) { id latestResult { total } } }";

test("reading needs the read scope, writing the write scope", async () => {
  const { viewer, nobody, analyst } = world;
  expect((await viewer.data(readIt, { id })).emissionCalculation.id).toBe(id);
  expect((await nobody.error(readIt, { id })).code).toBe("UNAUTHENTICATED");
  expect((await viewer.error(recordEntry, { id, input: gasBill })).code).toBe("FORBIDDEN");
  expect((await viewer.error(recalculate, { id })).code).toBe("FORBIDDEN");
  expect((await analyst.data(recordEntry, { id, input: gasBill })).recordEmissionEntry.activity).toBe("natural-gas");
});

test("another organization's calculation does not exist, by field, by entity, by change or by subscription", async () => {
  const { manager, stranger } = world;
  expect((await stranger.data(readIt, { id })).emissionCalculation).toBeNull();
  expect(await stranger.entity("EmissionCalculation", id, "id")).toBeNull();
  expect(await manager.entity("EmissionCalculation", id, "id")).toEqual({ id });
  expect((await stranger.error(recordEntry, { id, input: gasBill })).code).toBe("CALCULATION_NOT_FOUND");
  expect((await stranger.error(recalculate, { id })).code).toBe("CALCULATION_NOT_FOUND");
  const live = "subscription ($id: ID!) { emissionsCalculated(calculationId: $id) { id } }";
  await expect(stranger.subscribe(live, { id })).rejects.toThrow("no calculation");
  expect((await stranger.data("{ emissionCalculations { totalCount } }")).emissionCalculations.totalCount).toBe(0);
});

test("another organization's site cannot be named by an entry", async () => {
  const { manager, stranger } = world;
  const siteId = await createSite(manager, "Ours");
  const theirs = await createCalculation(stranger);
  expect((await stranger.error(recordEntry, { id: theirs, input: { ...gasBill, siteId } })).code).toBe(
    "SITE_NOT_FOUND",
  );
  expect((await manager.data(recordEntry, { id, input: { ...gasBill, siteId } })).recordEmissionEntry.activity).toBe(
    "natural-gas",
  );
});

test("a factor of one organization is neither found nor chosen by another; published ones are everybody's", async () => {
  const { manager, stranger } = world;
  const input = {
    activity: "secret-process",
    name: "Secret process",
    region: "GB",
    year: 2024,
    scope: "SCOPE_1",
    unit: "kg",
    kgCo2e: "3",
    source: "Measured",
    validFrom: "2024-01-01",
  };
  const { createCustomFactor } = await manager.data(
    "mutation ($input: CustomFactorInput!) { createCustomFactor(input: $input) { id } }",
    { input },
  );
  const find =
    '{ emissionFactors(search: "secret process") { nodes { id } } emissionFactor(id: "' +
    createCustomFactor.id +
    '") { id } }';
  expect(await manager.data(find)).toEqual({
    emissionFactors: { nodes: [{ id: createCustomFactor.id }] },
    emissionFactor: { id: createCustomFactor.id },
  });
  expect(await stranger.data(find)).toEqual({ emissionFactors: { nodes: [] }, emissionFactor: null });
  const theirs = await createCalculation(stranger);
  const entry = { ...gasBill, activity: "secret-process", unit: "kg" };
  expect((await stranger.error(recordEntry, { id: theirs, input: entry })).code).toBe("FACTOR_NOT_FOUND");
  expect(
    (await stranger.error(recordEntry, { id: theirs, input: { ...entry, factorId: createCustomFactor.id } })).code,
  ).toBe("FACTOR_MISSING");
  expect((await manager.data(recordEntry, { id, input: entry })).recordEmissionEntry.activity).toBe("secret-process");
});

test("published factors cannot be retired, not even by an owner of factors", async () => {
  const { manager } = world;
  const { emissionFactors } = await manager.data(
    '{ emissionFactors(activity: "natural-gas", region: "GB") { nodes { id origin } } }',
  );
  const retire = "mutation ($id: ID!) { retireCustomFactor(id: $id) { id } }";
  expect((await manager.error(retire, { id: emissionFactors.nodes[0].id })).code).toBe("FACTOR_IS_PUBLISHED");
});

test("an organization's fields answer for one's own organization only", async () => {
  const { manager, stranger, tenantId } = world;
  const fields = "latestEmissionCalculation { id } emissionCalculations { totalCount } reductionTargets { id }";
  expect(await manager.entity("Organization", tenantId, fields)).toMatchObject({
    latestEmissionCalculation: { id },
    emissionCalculations: { totalCount: 1 },
  });
  expect(await stranger.entity("Organization", tenantId, fields)).toBeNull();
});
