/**
 * What goes wrong inside of handlers: they are slow, fail, or die with their process after they wrote their effect and
 * before it commits. Which event meets what is decided by the seed, so a run with the same seed hits the same events.
 */
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fateOf } from "./fate.js";

/** Shares of events. */
export interface Misfortunes {
  readonly seed: number;
  readonly failing: number;
  readonly slow: number;
  readonly crashing: number;
  /** Where is noted what happened. */
  readonly folder: string;
}

/** Name of the environment variable that carries them to every process of the installation. */
export const misfortunesVariable = "CHAOS_MISFORTUNES";

/** Longer than every slow handler, and shorter than the longest pause of a process, which therefore runs into it. */
export const patience = { timeoutMs: 5_000 };

const mostFailures = 2;
const longestMs = 400;
const plan = JSON.parse(process.env[misfortunesVariable] ?? "null") as Misfortunes | null;

/** Called by a handler that has written its effect. Returns, throws, or never comes back. */
export async function suffer(handler: string, { mutationId, key }: { mutationId: string; key: string }): Promise<void> {
  if (!plan) return;
  const event = `${handler}|${mutationId}|${key}`;
  if (fateOf(plan.seed, "slow", event) < plan.slow) await sleep(longestMs * fateOf(plan.seed, "how slow", event));
  if (fateOf(plan.seed, "crash", event) < plan.crashing && isFirst(plan, "crash", event)) crash(plan, event);
  if (fateOf(plan.seed, "fail", event) >= plan.failing) return;
  const times = 1 + Math.floor(mostFailures * fateOf(plan.seed, "often", event));
  for (let time = 1; time <= times; time++) {
    if (isFirst(plan, `failure ${time}`, event))
      throw new Error(`Chaos made ${handler} fail, ${time} of ${times} times.`);
  }
}

/** In all processes: an event must get past its misfortune when it comes again, wherever that is. */
function isFirst({ folder }: Misfortunes, what: string, event: string): boolean {
  try {
    writeFileSync(join(folder, "misfortunes", `${what} ${event}`.replaceAll("|", " ")), "", { flag: "wx" });
    return true;
  } catch {
    return false;
  }
}

function crash({ folder }: Misfortunes, event: string): void {
  const note = { at: new Date().toISOString(), fault: "crash in a handler", target: event, pid: process.pid };
  appendFileSync(join(folder, "faults.ndjson"), `${JSON.stringify(note)}\n`);
  process.kill(process.pid, "SIGKILL");
}
