/** Base year, targets and progress, and the demo story that shows them. */
import { organizations, people } from "@tessera/demo-world";
import { afterAll, beforeAll, expect, test } from "vitest";
import calculator from "../src/index.js";
import { createCalculation, type Input, openWorld, record, result, type World } from "./world.js";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.subgraph.close());

const lock = "mutation ($id: ID!) { lockEmissionCalculation(id: $id) { id } }";
const setBase =
  "mutation ($id: ID!) { setEmissionsBaseYear(calculationId: $id) { year tonnes recalculatedTonnes significant } }";
const change =
  "mutation ($input: BaseYearChangeInput!) { recordBaseYearChange(input: $input) { change changePercent significant recalculatedTonnes changes { kind counts } } }";

/** A year with so many tonnes in category 1. */
async function yearOf(year: number, tonnes: string): Promise<string> {
  const id = await createCalculation(world.manager, {
    name: `Inventory ${year}`,
    start: `${year}-01-01`,
    end: `${year}-12-31`,
  });
  const entry = {
    activity: "parts",
    quantity: tonnes,
    unit: "t CO2e",
    scope3Category: 1,
    details: { supplier: { kgCo2ePerUnit: "1000" } },
  };
  await record(world.manager, id, { ...entry, start: `${year}-01-01`, end: `${year}-12-31` });
  await result(world.manager, id);
  return id;
}

test("GHG-19: the base year of 50 t becomes 65 t by an acquisition, and organic growth leaves it alone (Corporate Standard ch. 5)", async () => {
  const { manager } = world;
  expect(
    (await manager.error(change, { input: { kind: "ERROR", description: "x", tonnesInBaseYear: "1" } })).code,
  ).toBe("BASE_YEAR_NOT_SET");
  const id = await yearOf(2020, "50");
  expect((await manager.error(setBase, { id })).code).toBe("CALCULATION_NOT_CLOSED");
  await manager.data(lock, { id });
  expect((await manager.data(setBase, { id })).setEmissionsBaseYear).toEqual({
    year: 2020,
    tonnes: "50",
    recalculatedTonnes: "50",
    significant: false,
  });
  const record = async (input: Input) => (await manager.data(change, { input })).recordBaseYearChange;
  expect(await record({ kind: "ORGANIC_CHANGE", description: "More output", tonnesInBaseYear: "10" })).toMatchObject({
    recalculatedTonnes: "50",
    significant: false,
  });
  expect(
    await record({
      kind: "ACQUISITION",
      description: "A mill built later",
      tonnesInBaseYear: "9",
      existedInBaseYear: false,
    }),
  ).toMatchObject({ recalculatedTonnes: "50" });
  expect(await record({ kind: "ACQUISITION", description: "Company C", tonnesInBaseYear: "15" })).toEqual({
    change: "15",
    changePercent: "30",
    significant: true,
    recalculatedTonnes: "65",
    changes: [
      { kind: "ORGANIC_CHANGE", counts: false },
      { kind: "ACQUISITION", counts: false },
      { kind: "ACQUISITION", counts: true },
    ],
  });
});

const createTarget = `mutation ($input: ReductionTargetInput!) { createReductionTarget(input: $input) {
  id baseTonnes reductionPercent targetTonnes path { year tonnes } } }`;
const progress =
  "query ($id: ID!) { reductionProgress(targetId: $id) { year tonnes allowedTonnes reductionPercent achievedPercent onTrack } }";

test("a target takes its base from the result of the base year, and progress compares each year with its path", async () => {
  const { manager } = world;
  await yearOf(2021, "1000");
  await yearOf(2022, "930");
  await yearOf(2023, "960");
  const input = { name: "Net zero path", method: "SBTI_1_5C", baseYear: 2021, targetYear: 2031 };
  const { createReductionTarget: target } = await manager.data(createTarget, { input });
  expect(target).toMatchObject({ baseTonnes: "1000", reductionPercent: "42", targetTonnes: "580" });
  expect(target.path[1]).toEqual({ year: 2022, tonnes: "958" });
  const { reductionProgress } = await manager.data(progress, { id: target.id });
  expect(reductionProgress).toMatchObject([
    { year: 2021, reductionPercent: "0", onTrack: true },
    { year: 2022, tonnes: "930", allowedTonnes: "958", reductionPercent: "7", onTrack: true },
    { year: 2023, tonnes: "960", allowedTonnes: "916", reductionPercent: "4", onTrack: false },
  ]);
  expect(Number(reductionProgress[1].achievedPercent).toFixed(4)).toBe("16.6667");
});

test("a base of zero gives no percentage", async () => {
  const { manager } = world;
  const input = { name: "From nothing", baseYear: 2021, baseTonnes: "0", targetYear: 2031, reductionPercent: "50" };
  const { createReductionTarget: target } = await manager.data(createTarget, { input });
  const { reductionProgress } = await manager.data(progress, { id: target.id });
  expect(reductionProgress[0]).toMatchObject({ reductionPercent: null, achievedPercent: null, onTrack: false });
});

test.each([
  [{ targetYear: 2020 }, "INVALID_TARGET"],
  [{ reductionPercent: null }, "INVALID_TARGET"],
  [{ reductionPercent: "101" }, "INVALID_PERCENT"],
  [{ method: "SBTI_1_5C" }, "INVALID_TARGET"],
  [{ baseYear: 1995 }, "BASE_YEAR_UNKNOWN"],
])("a target with %j is refused as %s", async (wrong, code) => {
  const input = { name: "Half", baseYear: 2021, targetYear: 2031, reductionPercent: "50", ...wrong };
  expect((await world.manager.error(createTarget, { input })).code).toBe(code);
});

test("the demo story ends with three years, targets on record and the published figures of 2024 and CAMX", async () => {
  const { subgraph } = world;
  const story = await calculator.demo?.();
  await story?.default(subgraph.stage);
  await subgraph.settle();
  const client = (person: { id: string }, organization: { id: string }) =>
    subgraph.as({ id: person.id, tenantId: organization.id, roles: ["viewer"] });
  const thistlemoor = client(people.freya, organizations.thistlemoor);
  const years =
    "{ emissionCalculations { nodes { name status latestResult { version scope1 scope2Location scope2Market } } } reductionTargets { name latestProgress { year onTrack } } emissionsBaseYear { year } }";
  const told = await thistlemoor.data(years);
  expect(
    told.emissionCalculations.nodes.map(({ name, status }: { name: string; status: string }) => [name, status]),
  ).toEqual([
    ["Group inventory 2024", "DRAFT"],
    ["Group inventory 2023", "APPROVED"],
    ["Group inventory 2022", "APPROVED"],
  ]);
  expect(told.emissionCalculations.nodes[0].latestResult).toMatchObject({
    version: 1,
    scope2Location: "207050",
    scope2Market: "82820",
  });
  expect(
    told.reductionTargets.map(({ latestProgress }: { latestProgress: { year: number } }) => latestProgress.year),
  ).toEqual([2024, 2024]);
  expect(told.emissionsBaseYear.year).toBe(2022);
  const pinehollow = client(people.jonah, organizations.pinehollow);
  const { emissionCalculations } = await pinehollow.data(years);
  expect(emissionCalculations.nodes.map(({ status }: { status: string }) => status)).toEqual(["DRAFT", "APPROVED"]);
  const [{ latestResult }] = emissionCalculations.nodes;
  expect(latestResult.scope1).toBe("53114.5");
  const camx =
    "{ emissionCalculations(first: 1) { nodes { latestResult { lines(scope: SCOPE_2) { nodes { siteName scope2Basis kgCo2e } } } } } }";
  const { nodes } = (await pinehollow.data(camx)).emissionCalculations.nodes[0].latestResult.lines;
  const fresno = nodes.find(
    (line: { siteName: string; scope2Basis: string }) =>
      line.siteName === "Fresno plant" && line.scope2Basis === "LOCATION",
  );
  expect(Number(fresno.kgCo2e)).toBeCloseTo(198_741.5, 0);
});
