/**
 * Equal queries that run at the same time share one HTTP request. It belongs to all who wait for it: it ends early only
 * when the last of them has left, whoever was first. (The time left that the subgraph is told is that of the first.)
 */
import { setMaxListeners } from "node:events";
import { type AbortWatcher, abortReason, unwatchAbort, watchAbort } from "../wire/abort-watch.js";
import type { Outgoing, Send } from "../wire/outgoing.js";
import type { ReceivedAnswer } from "../wire/received-answer.js";
import type { SharingOptions } from "./subgraph-traffic.js";

interface Shared {
  readonly answer: Promise<ReceivedAnswer>;
  readonly controller: AbortController;
  waiting: number;
}

/** `key` is everything the answer may depend on: the body and all that is forwarded. */
export type SendShared = (key: string, outgoing: Outgoing) => Promise<ReceivedAnswer>;

export function createSharing(next: Send, { maxRequests = 1_000, maxBodyBytes = 262_144 }: SharingOptions): SendShared {
  const running = new Map<string, Shared>();

  function begin(key: string, outgoing: Outgoing): Shared {
    const controller = new AbortController();
    setMaxListeners(0, controller.signal);
    const answer = next({ ...outgoing, signal: controller.signal });
    const shared: Shared = { answer, controller, waiting: 0 };
    running.set(key, shared);
    const over = () => {
      if (running.get(key) === shared) running.delete(key);
    };
    answer.then(over, over);
    return shared;
  }

  /** The last one out ends the request, and nobody else may come in. */
  function leave(key: string, shared: Shared, reason: unknown): void {
    shared.waiting -= 1;
    if (shared.waiting > 0) return;
    if (running.get(key) === shared) running.delete(key);
    shared.controller.abort(reason);
  }

  return (key, outgoing) => {
    if (outgoing.signal.aborted) return Promise.reject(abortReason(outgoing.signal));
    const known = running.get(key);
    const isShareable = outgoing.kind === "query" && outgoing.body.length <= maxBodyBytes;
    if (!isShareable || (!known && running.size >= maxRequests)) return next(outgoing);
    const shared = known ?? begin(key, outgoing);
    const answer = join(shared, outgoing.signal, (reason) => leave(key, shared, reason));
    // A cookie is for one client alone.
    return known ? answer.then((one) => (one.valuesOf("set-cookie").length > 0 ? next(outgoing) : one)) : answer;
  };
}

function join(shared: Shared, signal: AbortSignal, left: (reason: unknown) => void): Promise<ReceivedAnswer> {
  shared.waiting += 1;
  return new Promise((resolve, reject) => {
    const watcher: AbortWatcher = {
      aborted: (reason) => {
        reject(reason);
        left(reason);
      },
    };
    watchAbort(signal, watcher);
    shared.answer.then(resolve, reject).finally(() => unwatchAbort(signal, watcher));
  });
}
