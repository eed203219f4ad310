/** Lets the planned faults strike when their time has come, and writes down when each began and ended. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Evidence } from "./evidence.js";
import type { Installation } from "./installation.js";
import type { FaultKind, PlannedFault } from "./plan.js";
import { signal } from "./processes.js";
import type { Server } from "./server.js";

export interface Faults {
  /** How many have struck. */
  readonly struck: number;
  /** The last one, for a person to read. */
  readonly last: string;
  /** Resolves when none is left and each is over. */
  readonly done: Promise<void>;
  stop(): void;
}

interface Strike {
  /** Who is hit. */
  readonly target: string;
  /** Resolves when it is over. */
  readonly over: Promise<unknown>;
}

const lookMs = 20;

export function startFaults(
  installation: Installation,
  plan: readonly PlannedFault[],
  through: () => number,
  evidence: Evidence,
): Faults {
  const state = { struck: 0, last: "none", stopped: false };
  const strike = strikesOn(installation);
  const run = async (): Promise<void> => {
    const lasting: Promise<unknown>[] = [];
    for (const fault of plan) {
      while (through() < fault.after && !state.stopped) await sleep(lookMs);
      if (state.stopped) break;
      const began = Date.now();
      const { target, over } = strike[fault.kind](fault);
      state.struck += 1;
      state.last = `${fault.kind} (${target})`;
      const noted = over.then(
        () => note(evidence, fault, target, began),
        (error: unknown) => note(evidence, fault, target, began, String(error)),
      );
      lasting.push(noted);
      if (!fault.overlaps) await noted;
    }
    await Promise.all(lasting);
  };
  return {
    get struck() {
      return state.struck;
    },
    get last() {
      return state.last;
    },
    done: run(),
    stop: () => {
      state.stopped = true;
    },
  };
}

function note(evidence: Evidence, fault: PlannedFault, target: string, began: number, problem?: string): void {
  const at = new Date(began).toISOString();
  evidence.note("faults", { at, fault: fault.kind, target, lastedMs: Date.now() - began, after: fault.after, problem });
}

function strikesOn(installation: Installation): Record<FaultKind, (fault: PlannedFault) => Strike> {
  const { postgres, redis, database, servers } = installation;
  // A server that is on its way down cannot be stopped once more.
  const oneAtATime = new Queue();
  const restart = (crash: boolean, downMs: number): Strike => ({
    target: `away for ${downMs} ms`,
    over: oneAtATime.run(() => postgres.restart({ crash, downMs })),
  });
  return {
    "kill a server": ({ victim }) => {
      const server = pick(servers, victim);
      server?.kill();
      return { target: server?.name ?? "none", over: Promise.resolve() };
    },
    "kill a subgraph": ({ victim }) => {
      const pid =
        pick(
          servers.flatMap((server) => server.subgraphPids),
          victim,
        ) ?? 0;
      if (pid) signal(pid, "SIGKILL");
      return { target: `process ${pid}`, over: Promise.resolve() };
    },
    "pause a process": ({ victim, milliseconds }) => pause(servers, victim, milliseconds),
    "stop PostgreSQL": ({ milliseconds }) => restart(false, milliseconds),
    "kill PostgreSQL": ({ milliseconds }) => restart(true, milliseconds),
    "kill Redis": ({ milliseconds }) => ({
      target: `away for ${milliseconds} ms`,
      over: oneAtATime.run(async () => redis?.restart({ downMs: milliseconds })),
    }),
    "cut connections": () => ({
      target: "all of them",
      over: Promise.resolve(database.admin`
        select pg_terminate_backend(pid) from pg_stat_activity
        where pid <> pg_backend_pid() and backend_type = 'client backend'`),
    }),
  };
}

function pause(servers: readonly Server[], victim: number, milliseconds: number): Strike {
  const pid = pick(servers.flatMap((server) => [server.pid, ...server.subgraphPids]).filter(Boolean), victim) ?? 0;
  if (pid) signal(pid, "SIGSTOP");
  const over = sleep(milliseconds).then(() => pid && signal(pid, "SIGCONT"));
  return { target: `process ${pid} for ${milliseconds} ms`, over };
}

const pick = <Item>(items: readonly Item[], chance: number): Item | undefined =>
  items[Math.floor(chance * items.length)];

class Queue {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work, work);
    this.#last = result.catch(() => {});
    return result;
  }
}
