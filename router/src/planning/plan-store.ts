/** Plans that outlive a process and are shared by several: the second level behind the cache of a process. */
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import type { Planned, PlanRequest } from "./planner.js";

/** Its failures are never the request's: the plan is then made here. */
export interface PlanStore {
  get(request: PlanRequest): Promise<Planned | undefined>;
  set(request: PlanRequest, planned: Planned): Promise<void>;
  close(): Promise<void>;
}

/** Raised when plans are made differently from the same planner and supergraph. */
const planFormat = 1;

const { version: plannerVersion } = createRequire(import.meta.url)("@apollo/query-planner/package.json") as {
  readonly version: string;
};

/** Names everything besides the request that a plan depends on. `settings` are those of the planner that change plans. */
export function planEdition(supergraphSdl: string, settings: Readonly<Record<string, unknown>> = {}): string {
  const inOrder = Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1));
  return digest([String(planFormat), plannerVersion, JSON.stringify(inOrder), supergraphSdl]).slice(0, 32);
}

export function requestDigest({ text, overrides }: PlanRequest): string {
  return digest([text, ...overrides]);
}

function digest(parts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest("hex");
}
