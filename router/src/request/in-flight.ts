/** Identical queries that arrive while one of them runs share that run; it ends early only when everybody has left. */
import type { AbortWatcher } from "../subgraphs/wire/abort-watch.js";
import type { Lifetime } from "./client-request.js";
import { createController } from "./request-scope.js";

export class InFlight<Result> {
  readonly #runs = new Map<string, SharedRun<Result>>();

  /** The run with this key, if one is under way: then `undefined` is never its result. */
  join(key: string, lifetime: Lifetime): Promise<Result> | undefined {
    return this.#runs.get(key)?.join(lifetime);
  }

  /**
   * Starts the run that others with the same key join until it settles, or joins one that was faster. `work` is given a
   * signal of its own.
   */
  start(key: string, lifetime: Lifetime, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    if (lifetime.abortReason) return Promise.reject(lifetime.abortReason);
    const known = this.#runs.get(key);
    if (known) return known.join(lifetime);
    const run: SharedRun<Result> = new SharedRun(work, () => {
      if (this.#runs.get(key) === run) this.#runs.delete(key);
    });
    this.#runs.set(key, run);
    return run.join(lifetime);
  }
}

class SharedRun<Result> {
  readonly #controller = createController();
  readonly #result: Promise<Result>;
  readonly #onEnd: () => void;
  #waiting = 0;

  constructor(work: (signal: AbortSignal) => Promise<Result>, onEnd: () => void) {
    this.#onEnd = onEnd;
    this.#result = work(this.#controller.signal);
    this.#result.then(onEnd, onEnd);
  }

  join(lifetime: Lifetime): Promise<Result> {
    if (lifetime.abortReason) return Promise.reject(lifetime.abortReason);
    this.#waiting += 1;
    return new Promise((resolve, reject) => {
      const watcher: AbortWatcher = {
        aborted: (reason) => {
          // The last one still gets what there is: the run ends at once, with the reason among its errors.
          if (!this.#endedBy(reason)) reject(reason);
        },
      };
      lifetime.watch(watcher);
      this.#result.then(
        (result) => {
          lifetime.unwatch(watcher);
          resolve(result);
        },
        (error) => {
          lifetime.unwatch(watcher);
          reject(error);
        },
      );
    });
  }

  /** One has left; true when it was the last, and the run ends early. */
  #endedBy(reason: unknown): boolean {
    this.#waiting -= 1;
    if (this.#waiting > 0) return false;
    // Whoever comes now would join a run that is ending.
    this.#onEnd();
    this.#controller.abort(reason);
    return true;
  }
}
