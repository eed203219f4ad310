/** A shared store that may be away: nobody waits long for it, and the log says so without repeating itself. */
import type { Log } from "@tessera/telemetry";
import type { WindowAnswer, WindowRule, WindowStore } from "./windows.js";

export interface Patience {
  readonly log: Log;
  /** Default 250. */
  readonly patienceMs?: number;
}

const logEveryMs = 10_000;

/** `null` while the store does not do its part. */
export type TakeIfThere = (
  rules: readonly WindowRule[],
  amount: number,
) => WindowAnswer | null | Promise<WindowAnswer | null>;

export function takePatiently(store: WindowStore, { log, patienceMs = 250 }: Patience): TakeIfThere {
  let loggedAt = Number.NEGATIVE_INFINITY;

  function missed(error: unknown): null {
    if (Date.now() - loggedAt > logEveryMs) {
      loggedAt = Date.now();
      log.error({ err: error }, "the store of rate limits does not answer");
    }
    return null;
  }

  return (rules, amount) => {
    const taken = store.take(rules, amount);
    return taken instanceof Promise ? inTime(taken, patienceMs).catch(missed) : taken;
  };
}

async function inTime<T>(work: Promise<T>, patienceMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${patienceMs} ms.`)), patienceMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
