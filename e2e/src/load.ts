/** Requests one after the other in several lanes, and what became of each. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Answer } from "./graph.js";

export interface Outcome {
  /** As `performance.now()` tells. */
  readonly begun: number;
  readonly ended: number;
  /** Codes of the answer's errors, in their order; none when it succeeded, `NO_ANSWER` when the connection broke. */
  readonly codes: readonly string[];
  /** The number the request was made with. */
  readonly n: number;
}

export interface Load {
  readonly outcomes: readonly Outcome[];
  /** Resolves when a request that began after `moment` has succeeded; rejects when none does within 30 seconds. */
  successAfter(moment: number): Promise<void>;
  /** Resolves when the last request has been answered. */
  stop(): Promise<void>;
}

/** `send` gets a number that no other request got. */
export function startLoad(lanes: number, send: (n: number) => Promise<Answer>): Load {
  const outcomes: Outcome[] = [];
  let stopped = false;
  let next = 0;
  const lane = async (): Promise<void> => {
    while (!stopped) {
      const n = next++;
      const begun = performance.now();
      const codes = await send(n).then(codesOf, () => ["NO_ANSWER"]);
      outcomes.push({ begun, ended: performance.now(), codes, n });
      await sleep(10);
    }
  };
  const running = Promise.all(Array.from({ length: lanes }, lane));
  return {
    outcomes,
    successAfter: async (moment) => {
      const end = performance.now() + 30_000;
      while (!outcomes.some(({ begun, codes }) => begun > moment && codes.length === 0)) {
        if (performance.now() > end) throw new Error(`Nothing succeeded: ${outcomes.at(-1)?.codes.join(", ")}`);
        await sleep(20);
      }
    },
    stop: async () => {
      stopped = true;
      await running;
    },
  };
}

const codesOf = ({ errors = [] }: Answer): string[] => errors.map(({ extensions }) => extensions.code);
