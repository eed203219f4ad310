/**
 * From activity data to a live dashboard: the main job of the sustainability suite, on real input, through the front
 * door only. Fails when a figure differs from the published one.
 */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { carbonDashboardId, demoPassword, people } from "@tessera/demo-world";
import { compareWithPublished } from "./check-result.js";
import type { ContractualInstrumentInput, WatchDashboardSubscription } from "./generated/graphql.js";
import { GraphClient, JourneyFailed, type Live } from "./graph-client.js";
import {
  createCalculation,
  type DashboardUpdate,
  importActivities,
  type Result,
  readImport,
  readResult,
  recordInstrument,
  watchDashboard,
} from "./operations.js";
import { resultLines } from "./report.js";

export interface JourneyOptions {
  /** Router, without a path. */
  readonly url: string;
  /** CSV of site activity data. */
  readonly file: string;
  readonly print: (line: string) => void;
}

const patienceMs = 60_000;

/** Certificates that meet the quality criteria of the GHG Protocol's scope 2 guidance. */
const certificates: ContractualInstrumentInput = {
  kind: "CERTIFICATE",
  reference: "REGO-2024-JOURNEY",
  market: "GB",
  vintage: 2024,
  kwh: "600000",
  kgPerKwh: "0",
  criteriaMet: [
    "CONVEYS_EMISSION_RATE",
    "ONLY_CLAIM",
    "RETIRED_FOR_REPORTER",
    "VINTAGE_NEAR_CONSUMPTION",
    "SAME_MARKET",
    "UTILITY_MIX_AFTER_CERTIFICATES",
    "CONTRACT_CONVEYS_CLAIM",
    "RESIDUAL_MIX_AVAILABLE",
  ],
};

/** @throws JourneyFailed saying which step or figure is wrong */
export async function runJourney({ url, file, print }: JourneyOptions): Promise<void> {
  const manager = new GraphClient(url);
  const viewer = new GraphClient(url);
  await manager.login(people.priya.email, demoPassword);
  await viewer.login(people.freya.email, demoPassword);
  print(`${people.priya.name} logs in; ${people.freya.name} watches the dashboard over a WebSocket`);
  const live = await viewer.subscribe(watchDashboard, { dashboardId: carbonDashboardId });
  try {
    const calculation = await prepareCalculation(manager);
    print(`Created "${calculation.name}" and recorded certificates for 600 MWh`);
    const update = nextUpdateAbout(calculation.id, live);
    print(await importFile(manager, calculation.id, file));
    const result = await latestResult(manager, calculation.id);
    for (const line of resultLines(result)) print(line);
    print(checkFigures(result));
    print(describeUpdate(await update));
  } finally {
    await live.close();
  }
}

async function prepareCalculation(manager: GraphClient): Promise<{ id: string; name: string }> {
  const year = { start: "2024-01-01", end: "2024-12-31", region: "GB", factorSets: ["desnz-2024"] };
  const input = { name: `Journey ${new Date().toISOString()}`, ...year };
  const { createEmissionCalculation } = await manager.ask(createCalculation, { input });
  await manager.ask(recordInstrument, { calculationId: createEmissionCalculation.id, input: certificates });
  return createEmissionCalculation;
}

async function importFile(manager: GraphClient, calculationId: string, file: string): Promise<string> {
  const content = (await readFile(file)).toString("base64");
  const variables = { calculationId, fileName: basename(file), content };
  const { id } = (await manager.ask(importActivities, variables)).importEmissionActivities;
  for (const until = Date.now() + patienceMs; Date.now() < until; await sleep(100)) {
    const { activityImport } = await manager.ask(readImport, { id });
    if (!activityImport) throw new JourneyFailed("The import cannot be found.");
    const { status, rowsDone, rowsTotal, rowErrors, result } = activityImport;
    if (status === "FAILED") throw new JourneyFailed(`The import failed: ${JSON.stringify(rowErrors)}`);
    if (status === "DONE" && result) return `Imported ${rowsDone} of ${rowsTotal} rows of ${basename(file)}`;
  }
  throw new JourneyFailed(`The import did not end within ${patienceMs / 1000} s.`);
}

async function latestResult(manager: GraphClient, id: string): Promise<Result> {
  const { emissionCalculation } = await manager.ask(readResult, { id });
  if (!emissionCalculation?.latestResult) throw new JourneyFailed("The calculation has no result.");
  return emissionCalculation.latestResult;
}

/** Other people's changes move the dashboard too; waits for the update that shows this calculation's result. */
async function nextUpdateAbout(id: string, live: Live<WatchDashboardSubscription>): Promise<DashboardUpdate> {
  for (;;) {
    const { dashboardUpdated } = await live.next(patienceMs);
    const { latestEmissionCalculation } = dashboardUpdated.organization;
    if (latestEmissionCalculation?.id === id && latestEmissionCalculation.latestResult) return dashboardUpdated;
  }
}

function checkFigures(result: Result): string {
  const comparisons = compareWithPublished(result);
  const wrong = comparisons.filter(({ expected, actual }) => expected !== actual);
  if (wrong.length === 0) return `All ${comparisons.length} figures equal the published ones`;
  const list = wrong.map(({ what, expected, actual }) => `${what} is ${actual ?? "missing"}, published is ${expected}`);
  throw new JourneyFailed(list.join("; "));
}

function describeUpdate({ organization, dashboard, changedMetrics }: DashboardUpdate): string {
  const { latestEmissionCalculation: latest } = organization;
  const shown = dashboard.widgets.filter((widget) => widget.data.length > 0).length;
  if (changedMetrics.length === 0 || shown === 0)
    throw new JourneyFailed("The update carries no metrics of analytics.");
  const sources = `identity: "${organization.name}", ghg-calculator: ${latest?.latestResult?.total} kg in "${latest?.name}"`;
  return `Live update of "${dashboard.name}" (${sources}, analytics: ${shown} widgets, ${changedMetrics.length} metrics changed)`;
}
