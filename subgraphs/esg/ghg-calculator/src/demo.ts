/**
 * The story of the sustainability organizations: Thistlemoor keeps a base year, a year of results and a science-based
 * target and imports its bills of 2024; Pinehollow, in another country, keeps its own.
 */
import { readFile } from "node:fs/promises";
import { organizations, people, sites } from "@tessera/demo-world";
import type { Context, DemoStage } from "@tessera/subgraph";
import { approveEmissionCalculation, lockEmissionCalculation } from "./domain/close-calculation.js";
import { qualityCriteria } from "./domain/cover-consumption.js";
import { type CalculationInput, createEmissionCalculation } from "./domain/create-calculation.js";
import { setEmissionsBaseYear } from "./domain/keep-base-year.js";
import { recordContractualInstrument } from "./domain/keep-instruments.js";
import { createEmissionSite } from "./domain/keep-sites.js";
import { createReductionTarget } from "./domain/keep-targets.js";
import { recalculateEmissions } from "./domain/recalculate-emissions.js";
import { type EntryInput, recordEmissionEntry } from "./domain/record-entry.js";
import { importEmissionActivities } from "./domain/request-import.js";
import type { SiteRow } from "./queries/calculations.js";

type Bill = Pick<EntryInput, "activity" | "quantity" | "unit"> & Partial<EntryInput>;

export default async function tellDemo(stage: DemoStage): Promise<void> {
  await tellThistlemoor(stage);
  await tellPinehollow(stage);
}

async function tellThistlemoor(stage: DemoStage): Promise<void> {
  const tenantId = organizations.thistlemoor.id;
  const priya = stage.as({ id: people.priya.id, tenantId, roles: ["sustainability-manager"] });
  const imogen = stage.as({ id: people.imogen.id, tenantId, roles: ["owner"] });
  const [leeds, bristol, london] = await openSites(
    priya,
    [sites.leedsPlant, sites.bristolDepot, sites.londonOffice],
    "GB",
  );
  const settings = { region: "GB", factorSets: ["desnz-2024"] };

  const base = await keepYear(priya, { name: "Group inventory 2022", ...year(2022), ...settings }, [
    { siteId: leeds, activity: "natural-gas", quantity: "142000", unit: "kWh" },
    { siteId: leeds, activity: "electricity", quantity: "1180000", unit: "kWh" },
    { siteId: bristol, activity: "diesel", quantity: "5200", unit: "litre" },
    { siteId: bristol, activity: "road-freight", quantity: "131000", unit: "tonne_km", supplier: "Fosse Haulage" },
    { siteId: london, activity: "short-haul-flight", quantity: "61000", unit: "passenger_km" },
  ]);
  await approve(priya, imogen, base);
  await setEmissionsBaseYear(imogen, {
    calculationId: base,
    policy: "Recalculated when structural, method or factor changes or errors reach five percent together.",
  });
  const next = await keepYear(priya, { name: "Group inventory 2023", ...year(2023), ...settings }, [
    { siteId: leeds, activity: "natural-gas", quantity: "121500", unit: "kWh" },
    { siteId: leeds, activity: "electricity", quantity: "1090000", unit: "kWh" },
    { siteId: bristol, activity: "diesel", quantity: "3400", unit: "litre" },
    { siteId: bristol, activity: "road-freight", quantity: "118000", unit: "tonne_km", supplier: "Fosse Haulage" },
    { siteId: london, activity: "short-haul-flight", quantity: "38000", unit: "passenger_km" },
  ]);
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
  await importBills(priya, { name: "Group inventory 2024", ...year(2024), ...settings });
  await stage.settle();
}

/** Bills as a file, and certificates for most of the power. */
async function importBills(ctx: Context, input: CalculationInput): Promise<void> {
  const { id } = await createEmissionCalculation(ctx, input);
  await recordContractualInstrument(ctx, id, {
    kind: "CERTIFICATE",
    reference: "REGO-2024-TM-0001",
    market: "GB",
    vintage: 2024,
    kwh: "600000",
    kgPerKwh: "0",
    criteriaMet: qualityCriteria,
  });
  const content = await readFile(new URL("../demo/site-activity-2024.csv", import.meta.url));
  await importEmissionActivities(ctx, { calculationId: id, fileName: "site-activity-2024.csv", content });
}

async function tellPinehollow(stage: DemoStage): Promise<void> {
  const tenantId = organizations.pinehollow.id;
  const mateo = stage.as({ id: people.mateo.id, tenantId, roles: ["sustainability-manager"] });
  const [fresno] = await openSites(mateo, [sites.fresnoPlant, sites.portlandDepot], "US");
  await keepYear(mateo, { name: "Company inventory 2024", ...year(2024), region: "US", totalUses: "MARKET" }, [
    { siteId: fresno, activity: "natural-gas", quantity: "1000", unit: "mmBtu" },
    { siteId: fresno, activity: "electricity", quantity: "1000", unit: "MWh" },
    { activity: "spend-naics-541511", quantity: "1000000", unit: "USD", notes: "Software development" },
  ]);
}

const year = (number: number) => ({ start: `${number}-01-01`, end: `${number}-12-31` });

interface DemoPlace {
  id: string;
  name: string;
  gridRegion?: string;
}

/** Ids of the sites, in their order. Factors are published for a country or a grid region of it. */
async function openSites(ctx: Context, places: readonly DemoPlace[], country: string): Promise<string[]> {
  const opened: SiteRow[] = [];
  for (const { id, name, gridRegion } of places) {
    opened.push(await createEmissionSite(ctx, { id, name, region: gridRegion ? `${country}-${gridRegion}` : country }));
  }
  return opened.map(({ id }) => id);
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
