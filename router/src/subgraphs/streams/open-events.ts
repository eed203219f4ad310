/** A bounded queue tied to its source and to the signal of whoever reads it: the end of one is the end of all. */
import type { SubgraphResult } from "@tessera/shared-types";
import { EventQueue } from "../event-queue.js";
import { type AbortWatcher, unwatchAbort, watchAbort } from "../wire/abort-watch.js";
import type { OpenStream } from "./stream-source.js";

export function openEvents(
  signal: AbortSignal,
  maxWaiting: number,
  start: OpenStream,
): AsyncIterableIterator<SubgraphResult> {
  let stop = () => {};
  const watcher: AbortWatcher = { aborted: () => void queue.return() };
  const over = () => unwatchAbort(signal, watcher);
  const queue = new EventQueue<SubgraphResult>(maxWaiting, () => {
    over();
    stop();
  });
  if (signal.aborted) {
    queue.complete();
    return queue;
  }
  watchAbort(signal, watcher);
  stop = start({
    push: (event) => queue.push(event),
    complete: () => {
      over();
      queue.complete();
    },
    fail: (error) => {
      over();
      queue.fail(error);
    },
  });
  return queue;
}
