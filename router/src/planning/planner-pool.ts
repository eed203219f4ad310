/** Planning threads and the requests that wait for one of them. */
import type { Log } from "@tessera/telemetry";
import { RouterError } from "../errors/router-error.js";
import type { PlanningOptions } from "./build-planning.js";
import type { Planned, Planner, PlannerLoad, PlanRequest } from "./planner.js";
import { PlanningWorker } from "./planning-worker.js";
import { type ThreadScript, threadScript } from "./thread-script.js";

export interface PoolOptions {
  readonly planning: PlanningOptions;
  readonly workers: number;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly maxWaiting: number;
  readonly givesWay: boolean;
  readonly log?: Log | undefined;
}

interface Waiting {
  readonly request: PlanRequest;
  readonly resolve: (planned: Planned | Promise<Planned>) => void;
  readonly reject: (error: Error) => void;
}

export class PlannerPool implements Planner {
  readonly #options: PoolOptions;
  readonly #script: ThreadScript;
  readonly #workers = new Set<PlanningWorker>();
  readonly #waiting: Waiting[] = [];
  #isClosed = false;

  /** Resolves when one thread can plan. @throws SupergraphError when the supergraph cannot be planned. */
  static async start(options: PoolOptions): Promise<PlannerPool> {
    const pool = new PlannerPool(options, await threadScript());
    try {
      await Promise.any(pool.#fill());
      return pool;
    } catch (error) {
      await pool.close();
      throw error instanceof AggregateError ? error.errors[0] : error;
    }
  }

  private constructor(options: PoolOptions, script: ThreadScript) {
    this.#options = options;
    this.#script = script;
  }

  plan(request: PlanRequest): Promise<Planned> {
    if (this.#isClosed) return Promise.reject(closed());
    const limit = this.#options.maxWaiting;
    if (this.#waiting.length >= limit) return Promise.reject(new RouterError("PLANNING_OVERLOADED", { limit }));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject });
      this.#fill();
      this.#next();
    });
  }

  load(): PlannerLoad {
    const running = [...this.#workers].filter(({ isIdle, wasReady }) => wasReady && !isIdle).length;
    return { running, waiting: this.#waiting.length };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(closed());
    await Promise.all([...this.#workers].map((worker) => worker.close()));
    this.#workers.clear();
  }

  /** Hands waiting requests to idle threads. */
  #next(): void {
    for (const worker of this.#workers) {
      if (!worker.isIdle) continue;
      const waiting = this.#waiting.shift();
      if (!waiting) return;
      const planned = worker.plan(waiting.request);
      waiting.resolve(planned);
      planned.then(
        () => this.#next(),
        () => this.#next(),
      );
    }
  }

  /** Starts threads until there are as many as there should be. */
  #fill(): Promise<void>[] {
    const started: Promise<void>[] = [];
    while (!this.#isClosed && this.#workers.size < this.#options.workers) started.push(this.#start());
    return started;
  }

  #start(): Promise<void> {
    const { planning, timeoutMs, memoryMb, givesWay } = this.#options;
    const worker = new PlanningWorker(this.#script, {
      ...{ planning, timeoutMs, memoryMb, givesWay },
      onGone: (why) => this.#replace(worker, why),
    });
    this.#workers.add(worker);
    worker.ready.then(
      () => this.#next(),
      () => {},
    );
    return worker.ready;
  }

  #replace(worker: PlanningWorker, why: Error | null): void {
    this.#workers.delete(worker);
    if (this.#isClosed) return;
    this.#options.log?.warn({ err: why }, "a planning thread was replaced");
    if (worker.wasReady) {
      this.#fill();
    } else if (this.#workers.size === 0) {
      // It could not even start: those who wait are told, and the next request tries again.
      for (const { reject } of this.#waiting.splice(0)) reject(failed(why));
    }
  }
}

function closed(): RouterError {
  return failed(new Error("the planner was closed"));
}

function failed(why: Error | null): RouterError {
  return new RouterError("PLANNING_FAILED", {}, { originalError: why });
}
