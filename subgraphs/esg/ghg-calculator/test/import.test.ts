/** Importing files of activity data: all of it or nothing. */
import { readFile } from "node:fs/promises";
import { esgEvents } from "@tessera/shared-types";
import ExcelJS from "exceljs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createCalculation, createSite, openWorld, record, result, type World } from "./world.js";

let world: World;
beforeAll(async () => {
  world = await openWorld();
  for (const name of ["Leeds plant", "Bristol depot", "London office"]) await createSite(world.manager, name);
});
afterAll(() => world.subgraph.close());

const send = `mutation ($id: ID!, $name: String!, $content: Base64!, $again: Boolean) {
  importEmissionActivities(calculationId: $id, fileName: $name, content: $content, again: $again) { id status rowsTotal format ignoredColumns } }`;
const read = `query ($id: ID!) { activityImport(id: $id) { status rowsTotal rowsDone rowsFailed rowErrors { row column code message }
  result { version scope1 scope2Location scope3 calculatedBy { id } } createdBy { id } } }`;
const state = "query ($id: ID!) { emissionCalculation(id: $id) { entries { totalCount } results { version scope1 } } }";

const base64 = (text: string | Buffer) => Buffer.from(text).toString("base64");
const start = async (id: string, content: string | Buffer, more: object = {}) =>
  (await world.manager.data(send, { id, name: "bills.csv", content: base64(content), ...more }))
    .importEmissionActivities;
async function importFile(id: string, content: string | Buffer, more: object = {}) {
  const started = await start(id, content, more);
  await world.subgraph.settle();
  return { ...(await world.manager.data(read, { id: started.id })).activityImport, id: started.id };
}
const stateOf = async (id: string) => (await world.manager.data(state, { id })).emissionCalculation;

const header = "site,activity,quantity,unit,start,end\n";
const good = "Leeds plant,Natural gas,100000,kWh,2024-01-01,2024-12-31\n";

test("the site activity of 2024 comes to the published figures of DESNZ 2024, row by row", async () => {
  const { manager } = world;
  const id = await createCalculation(manager);
  const file = await readFile(new URL("../demo/site-activity-2024.csv", import.meta.url));
  const done = await importFile(id, file);
  expect(done).toMatchObject({
    status: "DONE",
    rowsTotal: 15,
    rowsDone: 15,
    rowErrors: [],
    result: { version: 1, scope2Location: "207050" },
  });
  const lines = `query ($id: ID!) { emissionCalculation(id: $id) { latestResult { biogenicCo2 scope3Categories { category kgCo2e }
    lines(first: 200) { nodes { activity stage unit kgCo2e biogenicKgCo2 scope2Basis factorSetKey } } } } }`;
  const { latestResult } = (await manager.data(lines, { id })).emissionCalculation;
  const kg = (activity: string, unit: string, stage = "DIRECT") =>
    latestResult.lines.nodes
      .filter(
        (line: Record<string, string>) =>
          line.activity === activity && line.unit === unit && line.stage === stage && line.scope2Basis !== "MARKET",
      )
      .map((line: Record<string, string>) => Number(line.kgCo2e).toFixed(2));
  expect(kg("natural-gas", "kWh")).toEqual(["18290.00"]);
  expect(kg("natural-gas", "m3")).toEqual(["2045.42"]);
  expect(kg("natural-gas", "therm")).toEqual(["2680.13"]);
  expect(kg("diesel-average-biofuel-blend", "litre")).toEqual(["2512.79"]);
  expect(kg("diesel-average-biofuel-blend", "litre", "WTT")).toEqual(["611.01"]);
  expect(kg("refrigerant-r410a", "kg")).toEqual(["9620.00"]);
  expect(kg("wood-logs", "t")).toEqual(["462.55"]);
  expect(kg("hgv-average-laden", "tonne_km")).toEqual(["9752.00"]);
});

test("an imported calculation is recalculated and announced, with the person who sent the file as its author", async () => {
  const { manager, subgraph } = world;
  const id = await createCalculation(manager);
  const done = await importFile(id, header + good);
  expect(done).toMatchObject({ status: "DONE", result: { version: 1, scope1: "18290" } });
  expect(done.result.calculatedBy).toEqual(done.createdBy);
  const told = subgraph.published(esgEvents.emissionsCalculated).filter(({ payload }) => payload.calculationId === id);
  expect(told.map(({ payload }) => [payload.version, payload.emissions.scope1])).toEqual([[1, "18.29"]]);
});

test("one bad row keeps the whole file out, and every fault is named by row and column", async () => {
  const { manager } = world;
  const id = await createCalculation(manager);
  await record(manager, id);
  await result(manager, id);
  const bad = [
    "Atlantis,gas,5,kWh,2024-01-01,2024-12-31",
    "Leeds plant,gas,-5,kWh,2024-01-01,2024-12-31",
    "Leeds plant,unicorn-rides,5,km,2024-01-01,2024-12-31",
    "Leeds plant,gas,NaN,furlongs,01/02/2024,2024-12-31",
    "Leeds plant,gas,5,kWh,2019-01-01,2019-12-31",
  ].join("\n");
  const failed = await importFile(id, header + good + bad);
  expect(failed).toMatchObject({ status: "FAILED", rowsDone: 0, result: null });
  const faults = failed.rowErrors.map(
    (one: { row: number; column: string; code: string }) => `${one.row} ${one.column} ${one.code}`,
  );
  expect(faults).toEqual([
    "3 site SITE_NOT_FOUND",
    "4 quantity NEGATIVE_QUANTITY",
    "5 activity FACTOR_NOT_FOUND",
    "6 quantity NOT_A_NUMBER",
    "6 unit UNKNOWN_UNIT",
    "6 start AMBIGUOUS_DATE",
    "7 null ENTRY_OUTSIDE_PERIOD",
  ]);
  expect(failed.rowsFailed).toBe(5);
  expect(await stateOf(id)).toEqual({ entries: { totalCount: 1 }, results: [{ version: 1, scope1: "18290" }] });
});

test("what breaks in the middle of an import leaves nothing behind, and the file is worked off once it can be", async () => {
  const { subgraph } = world;
  const sql = subgraph.runtime.database.admin;
  const id = await createCalculation(world.manager);
  await sql`create function ghg_calculator.break() returns trigger language plpgsql as $$ begin raise exception 'power cut'; end $$`;
  await sql`create trigger break before insert on ghg_calculator.emission_result_line execute function ghg_calculator.break()`;
  const broken = await importFile(id, header + good);
  expect(broken).toMatchObject({ status: "REQUESTED", rowsDone: 0 });
  expect(await stateOf(id)).toEqual({ entries: { totalCount: 0 }, results: [] });
  const { deadLetters } = subgraph.runtime.events.operations({ tenantId: null, actorId: null });
  // Between its attempts nothing is due, so that to settle is not to wait for the last of them.
  await expect.poll(async () => (await deadLetters.list()).length, { timeout: 10_000 }).toBe(1);
  await sql`drop trigger break on ghg_calculator.emission_result_line`;
  for (const letter of await deadLetters.list()) await deadLetters.retry(letter.id);
  const done = { entries: { totalCount: 1 }, results: [{ version: 1, scope1: "18290" }] };
  await expect.poll(() => stateOf(id), { timeout: 10_000 }).toEqual(done);
  await subgraph.settle();
  expect(await stateOf(id)).toEqual(done);
});

test("the same file is taken once per calculation, unless it is sent again on purpose; a failed one may be retried", async () => {
  const { manager } = world;
  const id = await createCalculation(manager);
  const first = await importFile(id, header + good);
  const second = await importFile(id, header + good);
  expect(second.id).toBe(first.id);
  expect((await stateOf(id)).entries.totalCount).toBe(1);
  const third = await importFile(id, header + good, { again: true });
  expect(third.id).not.toBe(first.id);
  expect(await stateOf(id)).toEqual({
    entries: { totalCount: 2 },
    results: [
      { version: 2, scope1: "36580" },
      { version: 1, scope1: "18290" },
    ],
  });
  const unknownSite = `${header}New depot,gas,1,kWh,2024-01-01,2024-12-31`;
  expect((await importFile(id, unknownSite)).status).toBe("FAILED");
  await createSite(manager, "New depot");
  expect((await importFile(id, unknownSite)).status).toBe("DONE");
});

test("an import requested twice is worked off once", async () => {
  const { manager, subgraph, tenantId } = world;
  const id = await createCalculation(manager);
  const { id: importId } = await start(id, header + good);
  await subgraph.deliverTwice(
    esgEvents.activityImportRequested,
    { importId, calculationId: id },
    { tenantId, aggregateId: id },
  );
  await subgraph.settle();
  expect(await stateOf(id)).toEqual({ entries: { totalCount: 1 }, results: [{ version: 1, scope1: "18290" }] });
});

test("a workbook with dates, numbers and formula results is imported like a CSV file", async () => {
  const book = new ExcelJS.Workbook();
  book.addWorksheet("Bills").addRows([
    ["Site", "Fuel", "Amount", "UoM", "From", "To", "Cost centre"],
    [
      "leeds plant",
      "natural gas",
      { formula: "50000*2", result: 100000 },
      "kWh",
      new Date("2024-01-01T00:00:00Z"),
      new Date("2024-12-31T00:00:00Z"),
      "A1",
    ],
  ]);
  const id = await createCalculation(world.manager);
  const started = await start(id, Buffer.from(await book.xlsx.writeBuffer()));
  expect(started).toMatchObject({ format: "XLSX", ignoredColumns: ["Cost centre"], rowsTotal: 1 });
  await world.subgraph.settle();
  expect(await stateOf(id)).toMatchObject({ results: [{ scope1: "18290" }] });
});

test.each([
  ["an empty file", "", "FILE_EMPTY"],
  ["a header alone", header, "FILE_EMPTY"],
  ["a file without the columns that matter", "name,colour\na,b", "MISSING_COLUMNS"],
  ["a file with two amounts", "activity,amount,quantity,unit,start\na,1,2,kWh,2024-01-01", "DOUBLED_COLUMNS"],
  ["broken quotes", `${header}"a,b`, "FILE_MALFORMED"],
  ["a picture", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0]), "FILE_FORMAT_UNKNOWN"],
  ["a text in another encoding", Buffer.from([0x61, 0xe4, 0x62]), "FILE_NOT_UTF8"],
  ["a broken workbook", Buffer.from("PK\u0003\u0004broken"), "FILE_MALFORMED"],
])("%s is refused at once and nothing is stored", async (_, content, code) => {
  const { manager } = world;
  const id = await createCalculation(manager);
  expect((await manager.error(send, { id, name: "bills.csv", content: base64(content) })).code).toBe(code);
  expect(
    (await manager.data("query ($id: ID!) { emissionCalculation(id: $id) { imports { id } } }", { id }))
      .emissionCalculation.imports,
  ).toEqual([]);
});

test("content that is no base64 is refused", async () => {
  const id = await createCalculation(world.manager);
  expect((await world.manager.error(send, { id, name: "bills.csv", content: "not base64!" })).code).toBe(
    "BAD_USER_INPUT",
  );
});

test("a calculation that was locked before its file was worked off stays as it is", async () => {
  const { manager, subgraph, tenantId } = world;
  const id = await createCalculation(manager);
  await record(manager, id);
  await result(manager, id);
  await manager.data("mutation ($id: ID!) { lockEmissionCalculation(id: $id) { status } }", { id });
  expect((await manager.error(send, { id, name: "bills.csv", content: base64(header + good) })).code).toBe(
    "CALCULATION_CLOSED",
  );
  await subgraph.deliverTwice(
    esgEvents.activityImportRequested,
    { importId: id, calculationId: id },
    { tenantId, aggregateId: id },
  );
  expect((await stateOf(id)).entries.totalCount).toBe(1);
});

test("a listener hears of an import's end when it has happened", async () => {
  const { manager, subgraph, tenantId } = world;
  const id = await createCalculation(manager);
  const failed = await importFile(id, `${header}Listening post,gas,1,kWh,2024-01-01,2024-12-31`);
  expect(failed.status).toBe("FAILED");
  await createSite(manager, "Listening post");
  await subgraph.runtime.database
    .admin`update ghg_calculator.activity_import set status = 'REQUESTED' where id = ${failed.id}`;
  const subscription =
    "subscription ($id: ID!) { activityImportProgressed(importId: $id) { status rowsDone rowsTotal import { status } } }";
  const heard = await manager.subscribe(subscription, { id: failed.id });
  await subgraph.deliverTwice(
    esgEvents.activityImportRequested,
    { importId: failed.id, calculationId: id },
    { tenantId, aggregateId: id },
  );
  const told: { status: string; import: { status: string } }[] = [];
  for await (const { data } of heard) {
    told.push((data as { activityImportProgressed: (typeof told)[number] }).activityImportProgressed);
    if (told.at(-1)?.status === "DONE") break;
  }
  expect(told.map(({ status }) => status)).toEqual(["CHECKING", "WRITING", "DONE"]);
  expect(told.at(-1)).toEqual({ status: "DONE", rowsDone: 1, rowsTotal: 1, import: { status: "DONE" } });
});

test("the result of an import reaches everybody who listens to its calculation", async () => {
  const { manager, viewer } = world;
  const id = await createCalculation(manager);
  const subscription =
    "subscription ($id: ID!) { emissionsCalculated(calculationId: $id) { version scope1 calculation { id } } }";
  const listening = await viewer.subscribe(subscription, { id });
  await start(id, header + good);
  const { value } = await listening.next();
  expect(value.data.emissionsCalculated).toEqual({ version: 1, scope1: "18290", calculation: { id } });
  await listening.return?.();
});
