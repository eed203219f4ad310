/** Recording entries, results in versions, locking and approval. */

import { esgEvents } from "@tessera/shared-types";
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
  resultsOf,
  type World,
} from "./world.js";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.subgraph.close());

const lock = "mutation ($id: ID!) { lockEmissionCalculation(id: $id) { status lockedBy { id } } }";
const approve = "mutation ($id: ID!) { approveEmissionCalculation(id: $id) { status approvedBy { id } } }";

test("GHG-01, GHG-02, GHG-03, GHG-06, GHG-07, GHG-20: one calculation comes to the published figures (DESNZ 2024)", async () => {
  const { manager } = world;
  const id = await createCalculation(manager);
  await record(manager, id);
  await record(manager, id, { activity: "electricity", quantity: "1", unit: "GWh" });
  await record(manager, id, { activity: "Diesel", quantity: "1000", unit: "litres" });
  await record(manager, id, { activity: "R410A", quantity: "5", unit: "kg" });
  await record(manager, id, { activity: "wood-logs", quantity: "10", unit: "tonnes" });
  await record(manager, id, { activity: "road freight", quantity: "100000", unit: "t·km" });
  const { lines, scope3Categories, ...totals } = await result(manager, id);
  expect(totals).toMatchObject({
    version: 1,
    scope1: "30885.3424",
    scope2Location: "207050",
    scope2Market: "207050",
    // 160 of the diesel, 14,362.3 of the logs, and the 0.11507 kg/kWh DESNZ prints for biomass in the grid.
    biogenicCo2: "129592.3",
    totalUses: "LOCATION",
    formulaVersion: "tessera-ghg-1",
  });
  const kg = (category: number) =>
    scope3Categories.find((one: { category: number }) => one.category === category)?.kgCo2e;
  expect(kg(4)).toBe("9752");
  const gas = lines.nodes.find((line: { activity: string }) => line.activity === "natural-gas");
  expect(gas).toMatchObject({
    scope: "SCOPE_1",
    quantity: "100000",
    unit: "kWh",
    convertedQuantity: "100000",
    factor: { key: "desnz-2024/1_100_1004_6" },
    factorSetKey: "desnz-2024",
    factorYear: 2024,
    factorRegion: "GB",
    method: "ACTIVITY_TIMES_FACTOR",
    kgCo2e: "18290",
    share: "1",
  });
});

test("a result is announced in tonnes, with both scope 2 figures and the one the total uses", async () => {
  const { manager, subgraph } = world;
  const id = await createCalculation(manager, { totalUses: "MARKET" });
  await record(manager, id);
  await result(manager, id);
  await subgraph.settle();
  const event = subgraph.published(esgEvents.emissionsCalculated).find(({ payload }) => payload.calculationId === id);
  expect(event?.payload).toMatchObject({
    version: 1,
    emissions: {
      scope1: "18.29",
      scope2Location: "0",
      scope3: "3.021",
      total: "21.311",
      totalUses: "market",
      biogenicCo2: "0",
    },
    scope3Categories: [{ category: 3, tonnes: "3.021" }],
    verificationStatus: "draft",
  });
});

test("recalculation makes a new version, and earlier versions stay as they were, even when a factor is added", async () => {
  const { manager } = world;
  const id = await createCalculation(manager);
  await record(manager, id);
  const first = await result(manager, id);
  const factor = {
    activity: "natural-gas",
    name: "Green gas",
    region: "GB",
    year: 2024,
    scope: "SCOPE_1",
    unit: "kWh",
    kgCo2e: "0.1",
    source: "Supplier's certificate",
    validFrom: "2024-01-01",
  };
  const create = "mutation ($input: CustomFactorInput!) { createCustomFactor(input: $input) { id key origin } }";
  const { createCustomFactor } = await manager.data(create, { input: factor });
  const second = await result(manager, id);
  await manager.data("mutation ($id: ID!) { retireCustomFactor(id: $id) { retiredAt } }", {
    id: createCustomFactor.id,
  });
  const third = await result(manager, id);
  expect([first.scope1, second.scope1, third.scope1]).toEqual(["18290", "10000", "18290"]);
  const { emissionCalculation } = await manager.data(resultsOf, { id });
  expect(emissionCalculation.results).toEqual([third, second, first]);
});

test("every line says who calculated it, when, by which formulas and on which GWP basis", async () => {
  const { manager } = world;
  const id = await createCalculation(manager, { gwpBasis: "AR6" });
  await record(manager, id);
  const made = await result(manager, id);
  const read = `query ($id: ID!) { emissionCalculation(id: $id) { latestResult { calculatedAt calculatedBy { id }
    lines { nodes { gwpBasis formulaVersion calculatedAt calculatedBy { id } } } } } }`;
  const { latestResult } = (await manager.data(read, { id })).emissionCalculation;
  const { calculatedAt, calculatedBy } = latestResult;
  expect(latestResult.lines.nodes[0]).toEqual({
    gwpBasis: "AR6",
    formulaVersion: made.formulaVersion,
    calculatedAt,
    calculatedBy,
  });
  expect(calculatedBy.id).toMatch(/^[0-9a-f-]{36}$/);
});

test("the database itself refuses to change or delete a result", async () => {
  const { manager, subgraph } = world;
  const id = await createCalculation(manager);
  await record(manager, id);
  const made = await result(manager, id);
  const sql = subgraph.runtime.database.admin;
  await expect(sql`update ghg_calculator.emission_result set total = 0 where id = ${made.id}`).rejects.toThrow(
    "never changes",
  );
  await expect(sql`delete from ghg_calculator.emission_result_line where result_id = ${made.id}`).rejects.toThrow(
    "never changes",
  );
});

test("a locked calculation takes no entry, no change and no new result; a draft takes them", async () => {
  const { manager } = world;
  const id = await createCalculation(manager);
  const entryId = await record(manager, id);
  await result(manager, id);
  expect((await manager.data(lock, { id })).lockEmissionCalculation.status).toBe("LOCKED");
  const update =
    "mutation ($id: ID!, $input: EmissionEntryInput!) { updateEmissionEntry(id: $id, input: $input) { id } }";
  const remove = "mutation ($id: ID!) { removeEmissionEntry(id: $id) { id } }";
  expect((await manager.error(recordEntry, { id, input: gasBill })).code).toBe("CALCULATION_CLOSED");
  expect((await manager.error(update, { id: entryId, input: gasBill })).code).toBe("CALCULATION_CLOSED");
  expect((await manager.error(remove, { id: entryId })).code).toBe("CALCULATION_CLOSED");
  expect((await manager.error(recalculate, { id })).code).toBe("CALCULATION_CLOSED");
  const draft = await createCalculation(manager);
  const draftEntry = await record(manager, draft);
  await manager.data(update, { id: draftEntry, input: { ...gasBill, quantity: "5" } });
  await manager.data(remove, { id: draftEntry });
});

test("only a calculation whose latest result is up to date can be locked", async () => {
  const { manager } = world;
  const id = await createCalculation(manager);
  expect((await manager.error(lock, { id })).code).toBe("RESULT_OUTDATED");
  await record(manager, id);
  await result(manager, id);
  await record(manager, id, { quantity: "1" });
  expect((await manager.error(lock, { id })).code).toBe("RESULT_OUTDATED");
  await result(manager, id);
  expect((await manager.data(lock, { id })).lockEmissionCalculation.status).toBe("LOCKED");
});

test("four eyes: who locked may not approve, somebody else may, and an analyst may not at all", async () => {
  const { manager, reviewer, analyst, subgraph } = world;
  const id = await createCalculation(manager);
  expect((await reviewer.error(approve, { id })).code).toBe("CALCULATION_NOT_LOCKED");
  await record(manager, id);
  await result(manager, id);
  await manager.data(lock, { id });
  expect((await manager.error(approve, { id })).code).toBe("FOUR_EYES");
  expect((await analyst.error(approve, { id })).code).toBe("FORBIDDEN");
  expect((await reviewer.data(approve, { id })).approveEmissionCalculation.status).toBe("APPROVED");
  await subgraph.settle();
  const told = subgraph.published(esgEvents.emissionsCalculated).filter(({ payload }) => payload.calculationId === id);
  expect(told.map(({ payload }) => payload.verificationStatus)).toEqual(["draft", "locked", "approved"]);
});

test("an approved calculation is changed by a revision only, which copies its entries and leaves it alone", async () => {
  const { manager, reviewer } = world;
  const id = await createCalculation(manager);
  const revise =
    'mutation ($id: ID!) { reviseEmissionCalculation(id: $id, reason: "Late bill") { id status revision revisionReason revisionOf { id status } entries { totalCount } } }';
  await record(manager, id);
  expect((await manager.error(revise, { id })).code).toBe("CALCULATION_NOT_CLOSED");
  const before = await result(manager, id);
  await manager.data(lock, { id });
  await reviewer.data(approve, { id });
  const { reviseEmissionCalculation: revision } = await manager.data(revise, { id });
  expect(revision).toMatchObject({
    status: "DRAFT",
    revision: 2,
    revisionOf: { id, status: "APPROVED" },
    entries: { totalCount: 1 },
  });
  await record(manager, revision.id, { quantity: "1000" });
  expect((await result(manager, revision.id)).scope1).toBe("18472.9");
  const { emissionCalculation } = await manager.data(resultsOf, { id });
  expect(emissionCalculation).toMatchObject({ status: "APPROVED", results: [before] });
  expect((await manager.error(revise, { id })).code).toBe("REVISION_EXISTS");
});

test.each([
  [{ quantity: "-1" }, "NEGATIVE_QUANTITY"],
  [{ quantity: "1000000000000001" }, "QUANTITY_TOO_LARGE"],
  [{ unit: "bushels" }, "UNKNOWN_UNIT"],
  [{ unit: "km" }, "FACTOR_NOT_FOUND"],
  [{ activity: "unicorn-rides" }, "FACTOR_NOT_FOUND"],
  [{ start: "2024-02-01", end: "2024-01-01" }, "INVALID_PERIOD"],
  [{ start: "2023-01-01", end: "2023-12-31" }, "ENTRY_OUTSIDE_PERIOD"],
  [{ scope3Category: 16 }, "UNKNOWN_CATEGORY"],
  [{ uncertaintyPercent: "-5" }, "INVALID_PERCENT"],
  [{ siteId: "00000000-0000-7000-8000-000000000000" }, "SITE_NOT_FOUND"],
  [{ details: { supplier: { kgCo2ePerUnit: "1" }, gasVolume: { calorificValue: "39" } } }, "INVALID_DETAILS"],
])(
  "an entry with %j is refused as %s and nothing is written, while the same entry without it is taken",
  async (wrong, code) => {
    const { manager } = world;
    const id = await createCalculation(manager);
    expect((await manager.error(recordEntry, { id, input: { ...gasBill, ...wrong } })).code).toBe(code);
    const count = "query ($id: ID!) { emissionCalculation(id: $id) { entries { totalCount } } }";
    expect((await manager.data(count, { id })).emissionCalculation.entries.totalCount).toBe(0);
    await record(manager, id);
  },
);

test("an unknown activity is refused with what is near to it", async () => {
  const { manager } = world;
  const id = await createCalculation(manager);
  const { details } = await manager.error(recordEntry, { id, input: { ...gasBill, activity: "natural-gaz" } });
  expect(JSON.stringify(details.nearMatches)).toContain("natural-gas");
});

test("consolidation: a joint venture of 40 % counts by share, in full or not at all, as the approach has it", async () => {
  const { manager } = world;
  const siteId = await createSite(manager, "Joint venture", { ownershipPercent: "40", financialControl: false });
  const totals = await Promise.all(
    ["EQUITY_SHARE", "OPERATIONAL_CONTROL", "FINANCIAL_CONTROL"].map(async (consolidation) => {
      const id = await createCalculation(manager, { consolidation });
      await record(manager, id, { siteId });
      return (await result(manager, id)).scope1;
    }),
  );
  expect(totals).toEqual(["7316", "18290", "0"]);
});

test("decimals are exact: a tenth and a fifth are three tenths, and eighteen decimals survive", async () => {
  const { manager } = world;
  const id = await createCalculation(manager, { automaticCategory3: false });
  const supplier = {
    details: { supplier: { kgCo2ePerUnit: "1" } },
    scope3Category: 1,
    activity: "parts",
    unit: "pieces",
  };
  await record(manager, id, { ...supplier, quantity: "0.1" });
  await record(manager, id, { ...supplier, quantity: "0.2" });
  await record(manager, id, { ...supplier, quantity: "123456789012.000000000000000001" });
  expect((await result(manager, id)).scope3).toBe("123456789012.300000000000000001");
});

test("a bill over the end of the period counts by its days inside", async () => {
  const { manager } = world;
  const id = await createCalculation(manager, { automaticCategory3: false });
  await record(manager, id, { quantity: "3100", start: "2024-12-15", end: "2025-01-14" });
  const { lines, scope1 } = await result(manager, id);
  expect(lines.nodes[0]).toMatchObject({
    quantity: "3100",
    convertedQuantity: "1700",
    remarks: expect.arrayContaining(["PART_OF_PERIOD"]),
  });
  expect(scope1).toBe("310.93");
});
