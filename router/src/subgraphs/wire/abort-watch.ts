/**
 * Many calls of one request wait for one signal. A single event listener serves them all, because adding and removing
 * one for each call costs more than the rest of the call's bookkeeping.
 */
import { RouterError } from "../../errors/router-error.js";

export interface AbortWatcher {
  /** The signal has aborted. */
  aborted(reason: RouterError): void;
}

const watchers = new WeakMap<AbortSignal, Set<AbortWatcher>>();

/** Ask `signal.aborted` first: a signal that has aborted tells nobody any more. */
export function watchAbort(signal: AbortSignal, watcher: AbortWatcher): void {
  const known = watchers.get(signal);
  if (known) known.add(watcher);
  else watchers.set(signal, listen(signal, watcher));
}

export function unwatchAbort(signal: AbortSignal, watcher: AbortWatcher): void {
  watchers.get(signal)?.delete(watcher);
}

function listen(signal: AbortSignal, first: AbortWatcher): Set<AbortWatcher> {
  const all = new Set([first]);
  const tell = () => {
    const reason = abortReason(signal);
    for (const watcher of all) watcher.aborted(reason);
    all.clear();
  };
  signal.addEventListener("abort", tell, { once: true });
  return all;
}

export function abortReason(signal: AbortSignal): RouterError {
  return signal.reason instanceof RouterError ? signal.reason : new RouterError("REQUEST_ABORTED");
}

/** Rejects as soon as `signal` aborts, whether or not `work` listens to it. */
export function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  if (signal.aborted) return Promise.reject(abortReason(signal));
  return new Promise((resolve, reject) => {
    const watcher: AbortWatcher = { aborted: reject };
    watchAbort(signal, watcher);
    work.then(
      (value) => {
        unwatchAbort(signal, watcher);
        resolve(value);
      },
      (error) => {
        unwatchAbort(signal, watcher);
        reject(error);
      },
    );
  });
}
