/** Contractual instruments, and the methods that are more than quantity times factor. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { createCalculation, type Input, openWorld, record, result, type World } from "./world.js";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.subgraph.close());

const instrument = `mutation ($id: ID!, $input: ContractualInstrumentInput!) {
  recordContractualInstrument(calculationId: $id, input: $input) { id criteriaMissing } }`;
const certified = [
  "CONVEYS_EMISSION_RATE",
  "ONLY_CLAIM",
  "RETIRED_FOR_REPORTER",
  "VINTAGE_NEAR_CONSUMPTION",
  "SAME_MARKET",
];
const certificate = {
  kind: "CERTIFICATE",
  reference: "REGO-1",
  market: "GB",
  vintage: 2024,
  kwh: "600000",
  kgPerKwh: "0",
  criteriaMet: certified,
};
const residual = {
  kind: "RESIDUAL_MIX",
  reference: "residual",
  market: "GB",
  vintage: 2024,
  kgPerKwh: "0.45",
  criteriaMet: ["RESIDUAL_MIX_AVAILABLE"],
};
const power = { activity: "electricity", quantity: "1000000" };

async function withInstruments(inputs: Input[], entries: Input[] = [power]) {
  const { manager } = world;
  const id = await createCalculation(manager, { automaticCategory3: false, totalUses: "MARKET" });
  for (const input of inputs) await manager.data(instrument, { id, input });
  for (const entry of entries) await record(manager, id, entry);
  return result(manager, id);
}

test("GHG-12: 60 % certificates and the rest at the residual mix is 180 t market-based (tools.gera.services)", async () => {
  const { scope2Location, scope2Market, total, marketBased } = await withInstruments([certificate, residual]);
  expect([scope2Location, scope2Market, total]).toEqual(["207050", "180000", "180000"]);
  expect(marketBased).toMatchObject({ coveredKwh: "1000000", gridAverageKwh: "0", coveragePercent: "100" });
});

test("without a residual mix the grid average stands in and is disclosed", async () => {
  const { scope2Market, marketBased, lines } = await withInstruments([certificate]);
  expect(scope2Market).toBe("82820");
  expect(marketBased).toMatchObject({ coveredKwh: "600000", gridAverageKwh: "400000", coveragePercent: "60" });
  const fallback = lines.nodes.filter(({ remarks }: { remarks: string[] }) =>
    remarks.includes("GRID_AVERAGE_FALLBACK"),
  );
  expect(fallback).toMatchObject([{ scope2Basis: "MARKET", convertedQuantity: "400000", kgCo2e: "82820" }]);
});

test("certificates that were not retired do not count, and more certificates than power carry nowhere", async () => {
  const unretired = {
    ...certificate,
    reference: "REGO-2",
    criteriaMet: certified.filter((one) => one !== "RETIRED_FOR_REPORTER"),
  };
  const refused = await withInstruments([unretired]);
  expect(refused.scope2Market).toBe("207050");
  expect(refused.marketBased.refused).toEqual([{ reference: "REGO-2", missing: ["RETIRED_FOR_REPORTER"] }]);
  const { marketBased, scope2Market } = await withInstruments(
    [certificate],
    [
      { ...power, quantity: "100000" },
      { ...power, quantity: "50000", region: "US-CAMX" },
    ],
  );
  expect(marketBased.excess).toEqual([{ reference: "REGO-1", kwh: "500000" }]);
  expect(scope2Market).not.toBe("0");
});

test("a certificate counts once and needs an amount", async () => {
  const { manager } = world;
  const id = await createCalculation(manager);
  expect((await manager.error(instrument, { id, input: { ...certificate, kwh: null } })).code).toBe(
    "INSTRUMENT_AMOUNT_REQUIRED",
  );
  await manager.data(instrument, { id, input: certificate });
  expect((await manager.error(instrument, { id, input: certificate })).code).toBe("INSTRUMENT_EXISTS");
});

test("an instrument that entries name cannot be removed; a free one can", async () => {
  const { manager } = world;
  const id = await createCalculation(manager);
  const { recordContractualInstrument: made } = await manager.data(instrument, { id, input: certificate });
  const entry = await record(manager, id, { ...power, instrumentId: made.id });
  const remove = "mutation ($id: ID!) { removeContractualInstrument(id: $id) { instruments { id } } }";
  expect((await manager.error(remove, { id: made.id })).code).toBe("INSTRUMENT_IN_USE");
  await manager.data("mutation ($id: ID!) { removeEmissionEntry(id: $id) { id } }", { id: entry });
  expect((await manager.data(remove, { id: made.id })).removeContractualInstrument.instruments).toEqual([]);
});

async function lineOf(entry: Input, settings: Input = {}) {
  const id = await createCalculation(world.manager, { automaticCategory3: false, ...settings });
  await record(world.manager, id, entry);
  return (await result(world.manager, id)).lines.nodes[0];
}

const spend = { activity: "spend-naics-541511", quantity: "1000000", unit: "USD", region: "US" };

test("GHG-15: USD 1,000,000 of software development are 84 t in category 1 (EPA supply chain factors v1.3)", async () => {
  expect(await lineOf(spend)).toMatchObject({ kgCo2e: "84000", scope: "SCOPE_3", scope3Category: 1 });
});

test("spend in another currency needs an exchange rate; tax is left out and prices are brought to the factor's year", async () => {
  const pounds = { ...spend, unit: "GBP", quantity: "1200000" };
  const details = {
    spend: { valueAddedTax: "200000", exchangeRate: "1.25", priceIndexBase: "100", priceIndexYear: "125" },
  };
  expect(await lineOf({ ...pounds, details })).toMatchObject({
    kgCo2e: "84000",
    method: "SPEND_BASED",
    convertedQuantity: "1000000",
    convertedUnit: "USD",
  });
  await expect(lineOf(pounds)).rejects.toThrow(/FACTOR_NOT_FOUND|CURRENCY_DIFFERS/);
});

const outstanding = { activity: "loan", quantity: "10", unit: "EUR" };

test.each([
  [
    "supplier-specific",
    {
      activity: "flour",
      quantity: "20",
      unit: "sacks",
      scope3Category: 1,
      details: { supplier: { kgCo2ePerUnit: "2.5" } },
    },
    "50",
    1,
  ],
  [
    "hybrid",
    {
      activity: "flour",
      quantity: "10",
      unit: "t",
      details: {
        hybrid: {
          supplierKgCo2e: "5000",
          supplierOutput: "500",
          inputs: [{ name: "wheat", quantity: "12", kgCo2ePerUnit: "3" }],
        },
      },
    },
    "136",
    1,
  ],
  [
    "use of sold products",
    {
      activity: "electricity",
      quantity: "0.5",
      unit: "kWh",
      details: { soldProducts: { unitsSold: "100", usesPerLifetime: "200" } },
    },
    "2070.5",
    11,
  ],
  [
    "investments (PCAF)",
    {
      ...outstanding,
      details: {
        investment: {
          assetClass: "BUSINESS_LOANS_AND_PRIVATE_EQUITY",
          denominator: "200",
          investeeKgCo2e: "40000",
          dataQuality: 4,
        },
      },
    },
    "2000",
    15,
  ],
  ["leased assets", { activity: "electricity", quantity: "1000", unit: "kWh", scope3Category: 13 }, "207.05", 13],
  ["franchises", { activity: "natural-gas", quantity: "1000", unit: "kWh", scope3Category: 14 }, "182.9", 14],
] as const)("scope 3, %s", async (_, entry, kgCo2e, category) => {
  expect(await lineOf(entry)).toMatchObject({ kgCo2e, scope: "SCOPE_3", scope3Category: category });
});

test.each([
  [
    "refrigerant by mass balance: 3 kg missing",
    {
      activity: "R410A",
      quantity: "10",
      unit: "kg",
      details: { refrigerantBalance: { startStock: "5", returns: "1", endStock: "6", capacityChange: "5" } },
    },
    "5772",
  ],
  [
    "refrigerant by screening: 10 % of 50 kg",
    { activity: "R410A", quantity: "50", unit: "kg", details: { refrigerantScreening: { leakRatePercent: "10" } } },
    "9620",
  ],
  [
    "heat from CHP: half of the fuel",
    {
      activity: "natural-gas",
      quantity: "2000",
      unit: "kWh",
      details: { chp: { heat: "800", power: "350", bought: "HEAT" } },
    },
    "182.9",
  ],
  [
    "metered gas by its calorific value",
    {
      activity: "natural-gas",
      quantity: "1000",
      unit: "m3",
      details: { gasVolume: { calorificValue: "36", volumeCorrection: "1" } },
    },
    "1829",
  ],
] as const)("scope 1, %s", async (_, entry, kgCo2e) => {
  const line = await lineOf(entry);
  expect(line).toMatchObject({ scope: "SCOPE_1" });
  expect(Number(line.kgCo2e)).toBeCloseTo(Number(kgCo2e), 6);
});

test.each([
  ["purchased materials by mass", "water-supply", "100", "m3", 1, "15.311"],
  ["freight by distance", "road freight", "1000", "t·km", 4, "97.52"],
  ["waste by treatment", "commercial waste to landfill", "1", "t", 5, "520.3342"],
  ["hotel nights", "hotel-stay-united-kingdom", "10", "room nights", 6, "104"],
] as const)("scope 3, %s (DESNZ 2024)", async (_, activity, quantity, unit, category, kgCo2e) => {
  expect(await lineOf({ activity, quantity, unit })).toMatchObject({
    kgCo2e,
    scope: "SCOPE_3",
    scope3Category: category,
  });
});

test("commuting is a car's kilometres put into category 7, and homeworking is there by its hours", async () => {
  const commuting = { activity: "business-car-average-diesel", quantity: "1000", unit: "km", scope3Category: 7 };
  expect(await lineOf(commuting)).toMatchObject({ scope: "SCOPE_3", scope3Category: 7 });
  expect(await lineOf({ activity: "homeworking", quantity: "1000", unit: "hours" })).toMatchObject({
    scope3Category: 7,
  });
});

test("the data quality of investments is weighted by what is outstanding (PCAF)", async () => {
  const id = await createCalculation(world.manager);
  const investment = (dataQuality: number) => ({
    assetClass: "PROPERTY",
    denominator: "100",
    investeeKgCo2e: "1",
    dataQuality,
  });
  await record(world.manager, id, { ...outstanding, details: { investment: investment(4) } });
  await record(world.manager, id, { ...outstanding, quantity: "30", details: { investment: investment(2) } });
  const read = "query ($id: ID!) { emissionCalculation(id: $id) { investmentDataQuality } }";
  expect((await world.manager.data(read, { id })).emissionCalculation.investmentDataQuality).toBe("2.5");
});

test("a balance below zero and a divisor of zero are refused", async () => {
  const balance = { startStock: "0", returns: "0", endStock: "60", capacityChange: "0" };
  await expect(
    lineOf({ activity: "R410A", quantity: "1", unit: "kg", details: { refrigerantBalance: balance } }),
  ).rejects.toThrow("INVALID_DETAILS");
  const investment = { assetClass: "PROPERTY", denominator: "0", investeeKgCo2e: "1", dataQuality: 1 };
  await expect(lineOf({ ...outstanding, details: { investment } })).rejects.toThrow("INVALID_DETAILS");
});

test("what is bought inside the group is shown and counts nothing", async () => {
  expect(await lineOf({ intraGroup: true })).toMatchObject({
    share: "0",
    kgCo2e: "0",
    remarks: expect.arrayContaining(["INTRA_GROUP"]),
  });
});

test("GHG-13: on AR4 a refrigerant weighs by its composition, 2,087.5 (EPA Hub tables 11 and 12)", async () => {
  expect(await lineOf({ activity: "R410A", quantity: "1", unit: "kg" }, { gwpBasis: "AR4" })).toMatchObject({
    kgCo2e: "2087.5",
  });
});

test("GHG-17, GHG-18: uncertainties combine within an entry and over all entries (IPCC 2006 vol. 1 ch. 3)", async () => {
  const id = await createCalculation(world.manager, { automaticCategory3: false });
  const figure = (quantity: string, uncertaintyPercent: string) => ({
    activity: "parts",
    quantity,
    unit: "t CO2e",
    scope3Category: 1,
    uncertaintyPercent,
    details: { supplier: { kgCo2ePerUnit: "1000" } },
  });
  await record(world.manager, id, figure("100", "5"));
  await record(world.manager, id, figure("200", "10"));
  const made = await result(world.manager, id);
  expect([made.total, Number(made.uncertaintyPercent).toFixed(4), made.uncertaintyCoveragePercent]).toEqual([
    "300000",
    "6.8718",
    "100",
  ]);
  expect(
    Number((await lineWith({ uncertaintyPercent: "5", factorUncertaintyPercent: "10" })).uncertaintyPercent).toFixed(4),
  ).toBe("11.1803");
});

async function lineWith(more: Input) {
  const id = await createCalculation(world.manager, { automaticCategory3: false });
  await record(world.manager, id, more);
  const lines =
    "query ($id: ID!) { emissionCalculation(id: $id) { latestResult { lines { nodes { uncertaintyPercent } } } } }";
  await result(world.manager, id);
  return (await world.manager.data(lines, { id })).emissionCalculation.latestResult.lines.nodes[0];
}
