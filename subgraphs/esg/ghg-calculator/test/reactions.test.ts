/** What other modules' events change here. Each is delivered twice. */
import { randomUUID } from "node:crypto";
import { esgEvents } from "@tessera/shared-types";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createCalculation, openWorld, record, result, type World } from "./world.js";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.subgraph.close());

const entries = `query ($id: ID!) { emissionCalculation(id: $id) { resultOutdated
  entries { totalCount nodes { id activity quantity unit source sourceId pendingReview supplier scope3Category notes } } } }`;
const entriesOf = async (id: string) => (await world.manager.data(entries, { id })).emissionCalculation.entries;
const lock = "mutation ($id: ID!) { lockEmissionCalculation(id: $id) { status } }";

const days = { start: "2024-03-01", end: "2024-03-31" };
const activity = { activity: "Natural gas", quantity: "1200", unit: "kWh", ...days, confidence: 0.95 };
const documentOf = (calculationId: string | null, activities = [activity]) => ({
  documentId: randomUUID(),
  kind: "energy bill",
  calculationId,
  activities,
});

test("activity data read from a document becomes entries once, and what is uncertain or unknown waits for review", async () => {
  const { subgraph, tenantId, manager } = world;
  const id = await createCalculation(manager);
  const document = documentOf(id, [activity, { ...activity, confidence: 0.6 }, { ...activity, unit: "furlongs" }]);
  await subgraph.deliverTwice(esgEvents.documentProcessed, document, { tenantId });
  const { nodes } = await entriesOf(id);
  expect(nodes).toMatchObject([
    {
      activity: "natural-gas",
      quantity: "1200",
      unit: "kWh",
      source: "DOCUMENT",
      sourceId: document.documentId,
      pendingReview: false,
    },
    { pendingReview: true, unit: "kWh" },
    { pendingReview: true, unit: "furlongs" },
  ]);
  expect(await result(manager, id)).toMatchObject({ scope1: "219.48", pendingEntries: 2 });
});

test("a calculation with entries under review cannot be locked; accepted, corrected and removed ones let it", async () => {
  const { subgraph, tenantId, manager } = world;
  const id = await createCalculation(manager);
  const uncertain = { ...activity, confidence: 0.1 };
  await subgraph.deliverTwice(
    esgEvents.documentProcessed,
    documentOf(id, [uncertain, { ...uncertain, unit: "furlongs" }, uncertain]),
    { tenantId },
  );
  await result(manager, id);
  expect((await manager.error(lock, { id })).code).toBe("REVIEW_PENDING");
  const [first, second, third] = (await entriesOf(id)).nodes;
  const accept = "mutation ($id: ID!) { acceptEmissionEntry(id: $id) { pendingReview } }";
  expect((await manager.error(accept, { id: second.id })).code).toBe("UNKNOWN_UNIT");
  await manager.data(accept, { id: first.id });
  const input = { activity: "natural-gas", quantity: "10", unit: "kWh", ...days };
  await manager.data(
    "mutation ($id: ID!, $input: EmissionEntryInput!) { updateEmissionEntry(id: $id, input: $input) { pendingReview } }",
    { id: second.id, input },
  );
  await manager.data("mutation ($id: ID!) { removeEmissionEntry(id: $id) { id } }", { id: third.id });
  expect(await result(manager, id)).toMatchObject({ scope1: "221.309", pendingEntries: 0 });
  expect((await manager.data(lock, { id })).lockEmissionCalculation.status).toBe("LOCKED");
});

test("a quantity below zero is kept for review as it was read, and cannot be accepted as it is", async () => {
  const { subgraph, tenantId, manager } = world;
  const id = await createCalculation(manager);
  const credit = { ...activity, quantity: "-40" };
  await subgraph.deliverTwice(esgEvents.documentProcessed, documentOf(id, [credit]), { tenantId });
  const { nodes } = await entriesOf(id);
  expect(nodes).toMatchObject([{ quantity: "-40", pendingReview: true }]);
  const accept = "mutation ($id: ID!) { acceptEmissionEntry(id: $id) { pendingReview } }";
  expect((await manager.error(accept, { id: nodes[0].id })).code).toBe("NEGATIVE_QUANTITY");
});

test("a document for a closed calculation, for none, or for another organization's changes nothing", async () => {
  const { subgraph, tenantId, manager } = world;
  const id = await createCalculation(manager);
  await record(manager, id);
  await result(manager, id);
  await manager.data(lock, { id });
  await subgraph.deliverTwice(esgEvents.documentProcessed, documentOf(id), { tenantId });
  await subgraph.deliverTwice(esgEvents.documentProcessed, documentOf(null), { tenantId });
  const draft = await createCalculation(manager);
  await subgraph.deliverTwice(esgEvents.documentProcessed, documentOf(draft), { tenantId: randomUUID() });
  expect([(await entriesOf(id)).totalCount, (await entriesOf(draft)).totalCount]).toEqual([1, 0]);
});

const reportOf = (calculationId: string | null, tonnes: string, period = days) => ({
  supplierId: "acme",
  supplierName: "Acme Mills",
  period,
  category: 1,
  tonnes,
  calculationId,
});

test("a supplier's figure becomes one entry in its category, and a later report on the same days replaces it", async () => {
  const { subgraph, tenantId, manager } = world;
  const id = await createCalculation(manager);
  await subgraph.deliverTwice(esgEvents.supplierEmissionsReported, reportOf(id, "12.5"), { tenantId });
  expect((await entriesOf(id)).nodes).toMatchObject([
    { source: "SUPPLIER", supplier: "Acme Mills", quantity: "12.5", scope3Category: 1 },
  ]);
  expect((await result(manager, id)).scope3Categories).toMatchObject([{ category: 1, kgCo2e: "12500" }]);
  await subgraph.deliverTwice(esgEvents.supplierEmissionsReported, reportOf(id, "11"), { tenantId });
  await subgraph.deliverTwice(
    esgEvents.supplierEmissionsReported,
    reportOf(id, "3", { start: "2024-04-01", end: "2024-06-30" }),
    { tenantId },
  );
  expect((await result(manager, id)).scope3).toBe("14000");
});

test("a supplier's figure without a calculation goes into the draft of its days, and nowhere when there is none", async () => {
  const { subgraph, tenantId, manager } = world;
  const period = { start: "2031-01-01", end: "2031-12-31" };
  await subgraph.deliverTwice(esgEvents.supplierEmissionsReported, reportOf(null, "7", period), { tenantId });
  const id = await createCalculation(manager, period);
  expect((await entriesOf(id)).totalCount).toBe(0);
  await subgraph.deliverTwice(esgEvents.supplierEmissionsReported, reportOf(null, "7", period), { tenantId });
  expect((await entriesOf(id)).totalCount).toBe(1);
});
