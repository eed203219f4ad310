/** A calculator in this process with two organizations, and the operations most tests begin with. */
import { randomUUID } from "node:crypto";
import { type Client, startSubgraph, type TestSubgraph } from "@tessera/testkit";
import calculator from "../src/index.js";

const person = (tenantId: string, ...roles: string[]) => ({ id: randomUUID(), tenantId, roles });

export interface World {
  subgraph: TestSubgraph;
  tenantId: string;
  /** Keeps the inventory; may approve. */
  manager: Client;
  /** A second person who may approve. */
  reviewer: Client;
  /** Writes, but may not approve. */
  analyst: Client;
  viewer: Client;
  /** Manager of another organization. */
  stranger: Client;
  nobody: Client;
}

export async function openWorld(): Promise<World> {
  const subgraph = await startSubgraph(calculator);
  const [tenantId, otherTenantId] = [randomUUID(), randomUUID()];
  const as = (tenant: string, role: string) => subgraph.as(person(tenant, role));
  return {
    subgraph,
    tenantId,
    manager: as(tenantId, "sustainability-manager"),
    reviewer: as(tenantId, "sustainability-manager"),
    analyst: as(tenantId, "analyst"),
    viewer: as(tenantId, "viewer"),
    stranger: as(otherTenantId, "sustainability-manager"),
    nobody: subgraph.as(null),
  };
}

export type Input = Record<string, unknown>;

export async function createCalculation(client: Client, more: Input = {}): Promise<string> {
  const input = { name: "Inventory 2024", start: "2024-01-01", end: "2024-12-31", region: "GB", ...more };
  const create = "mutation ($input: EmissionCalculationInput!) { createEmissionCalculation(input: $input) { id } }";
  return (await client.data(create, { input })).createEmissionCalculation.id;
}

export async function createSite(client: Client, name: string, more: Input = {}): Promise<string> {
  const create = "mutation ($input: EmissionSiteInput!) { createEmissionSite(input: $input) { id } }";
  return (await client.data(create, { input: { name, region: "GB", ...more } })).createEmissionSite.id;
}

export const recordEntry = `mutation ($id: ID!, $input: EmissionEntryInput!) {
  recordEmissionEntry(calculationId: $id, input: $input) { id activity quantity unit heatingValue pendingReview details }
}`;

export const gasBill = {
  activity: "natural-gas",
  quantity: "100000",
  unit: "kWh",
  start: "2024-01-01",
  end: "2024-12-31",
};

export async function record(client: Client, id: string, more: Input = {}): Promise<string> {
  return (await client.data(recordEntry, { id, input: { ...gasBill, ...more } })).recordEmissionEntry.id;
}

const resultFields = `id version formulaVersion gwpBasis totalUses scope1 scope2Location scope2Market scope3 total biogenicCo2
  scope3Categories { category name kgCo2e } gases { gas kgCo2e } uncertaintyPercent uncertaintyCoveragePercent pendingEntries
  marketBased { coveredKwh gridAverageKwh coveragePercent excess { reference kwh } refused { reference missing } }
  lines(first: 100) { totalCount nodes { entryId activity scope scope3Category scope2Basis stage method quantity unit
    convertedQuantity convertedUnit factor { id key } factorSetKey factorYear factorRegion kgPerUnit share kgCo2e biogenicKgCo2
    siteName remarks gases { gas kgCo2e } } }`;

export const recalculate = `mutation ($id: ID!) { recalculateEmissions(calculationId: $id) { ${resultFields} } }`;
export const resultsOf = `query ($id: ID!) { emissionCalculation(id: $id) { status resultOutdated results { ${resultFields} } } }`;

// biome-ignore lint/suspicious/noExplicitAny: a test reads fields of a result it has just asked for
export async function result(client: Client, id: string): Promise<any> {
  return (await client.data(recalculate, { id })).recalculateEmissions;
}
