/** So many calls at a time and no more, so that one slow subgraph cannot hold everything the router has. */
import { RouterError } from "../../errors/router-error.js";
import { type AbortWatcher, abortReason, unwatchAbort, watchAbort } from "../wire/abort-watch.js";
import type { Layer } from "../wire/outgoing.js";
import type { ConcurrencyOptions } from "./subgraph-traffic.js";

export function createBulkhead(subgraph: string, { max, maxWaiting = max }: ConcurrencyOptions): Layer {
  const waiting = new Set<() => void>();
  let running = 0;

  function enter(signal: AbortSignal): Promise<void> | undefined {
    if (running < max) {
      running += 1;
      return undefined;
    }
    if (waiting.size >= maxWaiting) throw new RouterError("SUBGRAPH_BUSY", { subgraph, limit: maxWaiting });
    return waitIn(waiting, signal);
  }

  /** The place of a call that ends goes to the one that has waited longest. */
  function leave(): void {
    const [first] = waiting;
    if (first) first();
    else running -= 1;
  }

  return (next) => async (outgoing) => {
    await enter(outgoing.signal);
    try {
      return await next(outgoing);
    } finally {
      leave();
    }
  };
}

/** Resolves when it is called; rejects when the request is aborted before. */
function waitIn(waiting: Set<() => void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.reject(abortReason(signal));
  return new Promise((resolve, reject) => {
    const watcher: AbortWatcher = {
      aborted: (reason) => {
        waiting.delete(admit);
        reject(reason);
      },
    };
    const admit = () => {
      waiting.delete(admit);
      unwatchAbort(signal, watcher);
      resolve();
    };
    waiting.add(admit);
    watchAbort(signal, watcher);
  });
}
