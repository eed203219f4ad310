/** Which faults strike, in which order and after how many mutations: all of it from the seed. */
import { fateOf } from "../subgraphs/fate.js";
import type { BusName } from "./options.js";

export const kinds = {
  "kill a server": "SIGKILL to a server with its router; its subgraph processes go with it",
  "kill a subgraph": "SIGKILL to one subgraph's process",
  "pause a process": "SIGSTOP, and SIGCONT when others may have taken its work over",
  "stop PostgreSQL": "a clean stop in which open transactions are rolled back, and a start",
  "kill PostgreSQL": "SIGKILL to all of its processes, and recovery from what it had written",
  "kill Redis": "SIGKILL, and a start from its append-only file",
  "cut connections": "every connection to PostgreSQL is terminated at once",
} as const;

export type FaultKind = keyof typeof kinds;

export interface PlannedFault {
  readonly kind: FaultKind;
  /** Strikes when so many mutations are through. */
  readonly after: number;
  /** From 0 to below 1: picks the victim. */
  readonly victim: number;
  /** How long a server is away or a process paused. */
  readonly milliseconds: number;
  /** The next fault does not wait for the end of this one. */
  readonly overlaps: boolean;
}

const mutationsPerFault = 250;
/** Longer than a lease of the Redis bus, so that a paused process wakes up with its work taken over. */
const [shortestPause, longestPause] = [500, 9_000];
const longestDown = 2_500;

export function planFaults({ bus, seed, size }: { bus: BusName; seed: number; size: number }): PlannedFault[] {
  const possible = (Object.keys(kinds) as FaultKind[]).filter(
    (kind) => (kind !== "kill Redis" || bus === "redis") && (kind !== "kill a subgraph" || bus !== "postgres"),
  );
  const count = Math.max(possible.length, Math.round(size / mutationsPerFault));
  return Array.from({ length: count }, (_, index) => {
    const chance = (what: string): number => fateOf(seed, "fault", index, what);
    const kind = roundOf(possible, seed, Math.floor(index / possible.length))[index % possible.length] as FaultKind;
    const longest = kind === "pause a process" ? longestPause - shortestPause : longestDown;
    const least = kind === "pause a process" ? shortestPause : 0;
    return {
      kind,
      after: Math.floor((size * (index + 0.2 + 0.6 * chance("when"))) / count),
      victim: chance("victim"),
      milliseconds: Math.round(least + longest * chance("length")),
      overlaps: chance("overlap") < 0.2,
    };
  });
}

/** Every kind once, shuffled, so that the smallest run has all of them. */
function roundOf(possible: readonly FaultKind[], seed: number, round: number): FaultKind[] {
  const place = new Map(possible.map((kind) => [kind, fateOf(seed, "round", round, kind)]));
  return [...possible].sort((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0));
}
