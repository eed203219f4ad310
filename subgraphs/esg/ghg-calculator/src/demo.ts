/**
 * The story of the sustainability organizations: Thistlemoor keeps a base year, a year of results and a science-based
 * target and imports its bills of 2024; Pinehollow, in another country, keeps its own of every kind.
 */
import { readFile } from "node:fs/promises";
import { organizations, people, sites } from "@tessera/demo-world";
import type { Context, DemoStage } from "@tessera/subgraph";
import { approveEmissionCalculation, lockEmissionCalculation } from "./domain/close-calculation.js";
import { qualityCriteria } from "./domain/cover-consumption.js";
import { type CalculationInput, createEmissionCalculation } from "./domain/create-calculation.js";
import { recordBaseYearChange, setEmissionsBaseYear } from "./domain/keep-base-year.js";
import { type CustomFactorInput, createCustomFactor } from "./domain/keep-factors.js";
import { recordContractualInstrument } from "./domain/keep-instruments.js";
import { createEmissionSite } from "./domain/keep-sites.js";
import { createReductionTarget } from "./domain/keep-targets.js";
import { recalculateEmissions } from "./domain/recalculate-emissions.js";
import { type EntryInput, recordEmissionEntry } from "./domain/record-entry.js";
import { importEmissionActivities } from "./domain/request-import.js";

type Bill = Pick<EntryInput, "activity" | "quantity" | "unit"> & Partial<EntryInput>;

/** Gas and power of the plant, diesel and freight of the depot, flights of the office. */
const billsOf = (gasKwh: string, powerKwh: string, dieselLitres: string, tonneKm: string, flightKm: string): Bill[] => [
  { siteId: sites.leedsPlant.id, activity: "natural-gas", quantity: gasKwh, unit: "kWh" },
  { siteId: sites.leedsPlant.id, activity: "electricity", quantity: powerKwh, unit: "kWh" },
  { siteId: sites.bristolDepot.id, activity: "diesel", quantity: dieselLitres, unit: "litre" },
  {
    siteId: sites.bristolDepot.id,
    activity: "road-freight",
    quantity: tonneKm,
    unit: "tonne_km",
    supplier: "Fosse Haulage",
  },
  { siteId: sites.londonOffice.id, activity: "short-haul-flight", quantity: flightKm, unit: "passenger_km" },
];
const bills2022 = billsOf("142000", "1180000", "5200", "131000", "61000");
const bills2023 = billsOf("121500", "1090000", "3400", "118000", "38000");

export default async function tellDemo(stage: DemoStage): Promise<void> {
  await tellThistlemoor(stage);
  await tellPinehollow(stage);
}

async function tellThistlemoor(stage: DemoStage): Promise<void> {
  const tenantId = organizations.thistlemoor.id;
  const priya = stage.as({ id: people.priya.id, tenantId, roles: ["sustainability-manager"] });
  const imogen = stage.as({ id: people.imogen.id, tenantId, roles: ["owner"] });
  const { leedsPlant, bristolDepot, londonOffice } = sites;
  await openSites(priya, [leedsPlant, bristolDepot, londonOffice]);
  const settings = { region: "GB", factorSets: ["desnz-2024"] };

  const base = await keepYear(priya, { name: "Group inventory 2022", ...year(2022), ...settings }, bills2022);
  await approve(priya, imogen, base);
  await setEmissionsBaseYear(imogen, {
    calculationId: base,
    policy: "Recalculated when structural, method or factor changes or errors reach five percent together.",
  });
  const next = await keepYear(priya, { name: "Group inventory 2023", ...year(2023), ...settings }, bills2023);
  await approve(priya, imogen, next);
  await createReductionTarget(priya, {
    name: "1.5 °C, scopes 1 and 2",
    method: "SBTI_1_5C",
    covers: "SCOPE_1_AND_2",
    baseYear: 2022,
    targetYear: 2030,
  });
  await createReductionTarget(priya, {
    name: "A quarter less in all scopes",
    covers: "ALL",
    baseYear: 2022,
    targetYear: 2030,
    reductionPercent: "25",
  });
  const wind = { reference: "REGO-2024-TM-0001", market: "GB", kwh: "600000" };
  await importBills(
    priya,
    { name: "Group inventory 2024", ...year(2024), ...settings },
    wind,
    "site-activity-2024.csv",
  );
  await stage.settle();
}

/** Bills as a file, and certificates for a part of the power. */
async function importBills(
  ctx: Context,
  input: CalculationInput,
  certificate: { reference: string; market: string; kwh: string },
  fileName: string,
): Promise<void> {
  const { id } = await createEmissionCalculation(ctx, input);
  const terms = { kind: "CERTIFICATE", vintage: 2024, kgPerKwh: "0", criteriaMet: qualityCriteria } as const;
  await recordContractualInstrument(ctx, id, { ...terms, ...certificate });
  const content = await readFile(new URL(`../demo/${fileName}`, import.meta.url));
  await importEmissionActivities(ctx, { calculationId: id, fileName, content });
}

async function tellPinehollow(stage: DemoStage): Promise<void> {
  const tenantId = organizations.pinehollow.id;
  const mateo = stage.as({ id: people.mateo.id, tenantId, roles: ["sustainability-manager"] });
  const delia = stage.as({ id: people.delia.id, tenantId, roles: ["owner"] });
  const { fresnoPlant, portlandDepot } = sites;
  await openSites(mateo, [fresnoPlant, portlandDepot]);
  await createCustomFactor(mateo, orchardPrunings);
  const settings = { region: "US", totalUses: "MARKET" } as const;
  const base = await keepYear(mateo, { name: "Company inventory 2023", ...year(2023), ...settings }, [
    { siteId: fresnoPlant.id, activity: "electricity", quantity: "1100", unit: "MWh" },
    { siteId: fresnoPlant.id, activity: "orchard-prunings", quantity: "80", unit: "t" },
  ]);
  await approve(mateo, delia, base);
  await setEmissionsBaseYear(delia, { calculationId: base });
  await recordBaseYearChange(mateo, { kind: "ACQUISITION", description: "Portland depot", tonnesInBaseYear: "42.5" });
  const target = { name: "Half the power emissions", covers: "SCOPE_2", baseYear: 2023, targetYear: 2033 } as const;
  await createReductionTarget(mateo, { ...target, reductionPercent: "50" });
  const wind = { reference: "WREGIS-2024-PH-17", market: "US-CAMX", kwh: "250000" };
  await importBills(
    mateo,
    { name: "Company inventory 2024", ...year(2024), ...settings },
    wind,
    "company-activity-2024.csv",
  );
  await stage.settle();
}

const orchardPrunings: CustomFactorInput = {
  activity: "orchard-prunings",
  name: "Orchard prunings, dryer of Fresno plant",
  region: "US",
  year: 2023,
  scope: "SCOPE_1",
  unit: "t",
  kgCo2e: "31.4",
  gwpBasis: "AR5",
  source: "Stack test of the dryer, March 2023",
  validFrom: "2023-01-01",
};

const year = (number: number) => ({ start: `${number}-01-01`, end: `${number}-12-31` });

interface DemoPlace {
  id: string;
  name: string;
  country: string;
  gridRegion?: string;
}

/** Under their known ids. Factors are published for a country or a grid region of it. */
async function openSites(ctx: Context, places: readonly DemoPlace[]): Promise<void> {
  for (const { id, name, country, gridRegion } of places) {
    await createEmissionSite(ctx, { id, name, region: gridRegion ? `${country}-${gridRegion}` : country });
  }
}

async function keepYear(ctx: Context, input: CalculationInput, bills: readonly Bill[]): Promise<string> {
  const { id } = await createEmissionCalculation(ctx, input);
  for (const bill of bills) {
    await recordEmissionEntry(ctx, id, { start: input.start, end: input.end, dataQuality: "MEASURED", ...bill });
  }
  await recalculateEmissions(ctx, id);
  return id;
}

async function approve(keeper: Context, approver: Context, id: string): Promise<void> {
  await lockEmissionCalculation(keeper, id);
  await approveEmissionCalculation(approver, id);
}
