/** One run of chaos from the first process to the verdict. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Evidence, openEvidence } from "./evidence.js";
import { startFaults } from "./faults.js";
import { type Findings, readFindings } from "./findings.js";
import { type Installation, install } from "./installation.js";
import type { ChaosOptions } from "./options.js";
import { kinds, planFaults } from "./plan.js";
import { renderReport } from "./report.js";
import { type Backlog, settle, settleRebuild } from "./settle.js";
import { type Check, judge } from "./verdict.js";
import { startWriters } from "./writers.js";

export interface ChaosResult {
  readonly holds: boolean;
  readonly checks: readonly Check[];
  readonly folder: string;
  readonly report: string;
  readonly recorded: number;
  readonly changes: number;
  /** Faults of the plan that struck; crashes in handlers come on top. */
  readonly faults: number;
}

const progressMs = 2_000;

/** `root` is the repository's. */
export async function runChaos(root: string, options: ChaosOptions): Promise<ChaosResult> {
  const { bus, seed, size, log } = options;
  const began = new Date();
  const stamp = began.toISOString().slice(0, 19).replaceAll(":", "-");
  const evidence = openEvidence(options.evidence, `${stamp}-${bus}-${seed}`);
  const { log: _, ...shown } = options;
  evidence.write("options.json", `${JSON.stringify({ ...shown, node: process.version }, null, 2)}\n`);
  log(`Seed ${seed}, ${size.toLocaleString("en")} mutations over ${bus}. Evidence: ${evidence.folder}`);
  const installation = await install(root, options, evidence);
  try {
    const timed = clock();
    const { asked, codes, faults } = await strike(installation, options, evidence);
    timed.lap("writing under faults");
    const settled = await settle(installation.database, sayBacklog(log));
    timed.lap("settling");
    await rebuild(installation, log);
    timed.lap("rebuilding");
    const found = await readFindings(installation.database);
    const checks = judge(asked, found);
    const starts = installation.servers.map((server) => `${server.name} ${server.starts}`).join(", ");
    const report = renderReport({
      options,
      began,
      asked,
      codes,
      found,
      checks,
      faults,
      settled,
      starts,
      laps: timed.laps,
    });
    keep(evidence, options, { found, checks, report });
    const holds = checks.every(({ problems }) => problems.length === 0);
    const recorded = asked.filter(({ outcome }) => outcome === "recorded").length;
    return { holds, checks, folder: evidence.folder, report, recorded, changes: found.movements.length, faults };
  } finally {
    await installation.close();
  }
}

async function strike(installation: Installation, options: ChaosOptions, evidence: Evidence) {
  const [first, ...others] = installation.servers;
  options.log("Starting the servers");
  // The first one makes the tables and the demo world's accounts.
  await first?.start();
  await Promise.all(others.map((server) => server.start()));
  const plan = planFaults(options);
  evidence.write("plan.json", `${JSON.stringify({ kinds, plan }, null, 2)}\n`);
  const writing = startWriters(
    options,
    installation.servers.map(({ url }) => url),
    evidence,
  );
  const faults = startFaults(installation, plan, () => writing.through, evidence);
  const watching = setInterval(() => {
    const share = Math.round((100 * writing.through) / options.size);
    options.log(
      `${String(share).padStart(4)} %  ${writing.through.toLocaleString("en")} mutations, fault ${faults.struck} of ${plan.length}: ${faults.last}`,
    );
  }, progressMs);
  try {
    await Promise.all([writing.done, faults.done]);
  } finally {
    clearInterval(watching);
    writing.stop();
    faults.stop();
  }
  await Promise.all(installation.servers.map((server) => server.ready(60_000)));
  return { asked: writing.asked, codes: writing.codes, faults: faults.struck };
}

/** With everybody else stopped, so that what is built is built from what was stored. */
async function rebuild(installation: Installation, log: (line: string) => void): Promise<void> {
  log("Stopping the servers; building the read model again from the stored events");
  await Promise.all(installation.servers.map((server) => server.stop()));
  const server = await installation.rebuilder();
  try {
    await server.start();
    await settleRebuild(installation.database, sayBacklog(log));
  } finally {
    await server.stop();
    await sleep(0);
  }
}

function sayBacklog(log: (line: string) => void): (backlog: Backlog) => void {
  let saidAt = 0;
  return ({ owed, outbox, parked }) => {
    if (Date.now() - saidAt < progressMs) return;
    saidAt = Date.now();
    const text = Object.entries(owed).map(([consumer, count]) => `${consumer} owes ${count.toLocaleString("en")}`);
    log(`        ${text.join(", ")}; outbox ${outbox}, waiting for another attempt ${parked}`);
  };
}

interface Kept {
  readonly found: Findings;
  readonly checks: readonly Check[];
  readonly report: string;
}

function keep(evidence: Evidence, { keep: everything }: ChaosOptions, { found, checks, report }: Kept): void {
  evidence.write("report.md", report);
  evidence.write(
    "problems.json",
    `${JSON.stringify(
      checks.filter(({ problems }) => problems.length > 0),
      null,
      2,
    )}\n`,
  );
  const broken = checks.some(({ problems }) => problems.length > 0);
  if (!everything && !broken) return;
  for (const [name, rows] of Object.entries(found)) {
    if (Array.isArray(rows)) evidence.write(`${name}.ndjson`, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  }
}

function clock() {
  let since = Date.now();
  const laps: [string, number][] = [];
  return {
    laps,
    lap: (what: string) => {
      laps.push([what, (Date.now() - since) / 1000]);
      since = Date.now();
    },
  };
}
