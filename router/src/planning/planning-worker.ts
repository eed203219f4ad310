/** One planning thread as the router sees it: idle, busy with one operation, or gone. */
import { Worker } from "node:worker_threads";
import { RouterError } from "../errors/router-error.js";
import { SupergraphError } from "../supergraph/supergraph-error.js";
import type { PlanningOptions } from "./build-planning.js";
import type { Planned, PlanRequest } from "./planner.js";
import type { FromThread, ThreadData, ToThread } from "./thread-messages.js";
import type { ThreadScript } from "./thread-script.js";

export interface PlanningWorkerOptions {
  readonly planning: PlanningOptions;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly givesWay: boolean;
  /** Called once, with what ended it; `null` when it was closed. */
  readonly onGone: (why: Error | null) => void;
}

interface Task {
  readonly resolve: (planned: Planned) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

export class PlanningWorker {
  /** Rejects when the supergraph cannot be planned. */
  readonly ready: Promise<void>;
  readonly #worker: Worker;
  readonly #options: PlanningWorkerOptions;
  #task: Task | undefined;
  #isReady = false;
  #isGone = false;

  constructor({ script, isCode }: ThreadScript, options: PlanningWorkerOptions) {
    this.#options = options;
    this.#worker = new Worker(script, {
      eval: isCode,
      name: "planning",
      workerData: { planning: options.planning, givesWay: options.givesWay } satisfies ThreadData,
      // One operation that unfolds without end takes its thread with it, not the router.
      // A nursery as large as that of the thread that answers requests would only take room.
      resourceLimits: { maxOldGenerationSizeMb: options.memoryMb, maxYoungGenerationSizeMb: 24 },
      execArgv: [],
    });
    this.ready = new Promise((resolve, reject) => {
      this.#worker.on("message", (message: FromThread) => this.#hear(message, resolve, reject));
      this.#worker.once("error", (error) => {
        reject(error);
        this.#leave(error);
      });
      this.#worker.once("exit", () => {
        const error = new Error("the planning thread ended");
        reject(error);
        this.#leave(error);
      });
    });
    // Whoever waits for it hears of it; the pool hears through `onGone`.
    this.ready.catch(() => {});
  }

  /** It has been able to plan. */
  get wasReady(): boolean {
    return this.#isReady;
  }

  get isIdle(): boolean {
    return this.#isReady && !this.#isGone && this.#task === undefined;
  }

  plan(request: PlanRequest): Promise<Planned> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#giveUp(), this.#options.timeoutMs);
      this.#task = { resolve, reject, timer };
      this.#worker.ref();
      this.#worker.postMessage(request satisfies ToThread);
    });
  }

  async close(): Promise<void> {
    this.#isGone = true;
    this.#settle()?.reject(new RouterError("PLANNING_FAILED", {}, { originalError: new Error("planner closed") }));
    await this.#worker.terminate();
  }

  #hear(message: FromThread, ready: () => void, broken: (error: Error) => void): void {
    switch (message.kind) {
      case "ready":
        this.#isReady = true;
        this.#worker.unref();
        ready();
        break;
      case "broken": {
        const error = new SupergraphError("SUPERGRAPH_INVALID", { reason: message.reason.replace(/\.$/, "") });
        broken(error);
        this.#leave(error);
        break;
      }
      case "planned":
        this.#settle()?.resolve(JSON.parse(message.json) as Planned);
        break;
      case "refused":
        this.#settle()?.reject(new RouterError("UNPLANNABLE_OPERATION", { reason: message.reason }));
        break;
      case "failed": {
        const originalError = Object.assign(new Error(message.reason), { stack: message.stack });
        this.#settle()?.reject(new RouterError("PLANNING_FAILED", {}, { originalError }));
        break;
      }
    }
  }

  #giveUp(): void {
    const { timeoutMs } = this.#options;
    const error = new RouterError("PLANNING_TIMEOUT", { limit: timeoutMs });
    this.#settle()?.reject(error);
    this.#leave(error);
  }

  #settle(): Task | undefined {
    const task = this.#task;
    this.#task = undefined;
    clearTimeout(task?.timer);
    this.#worker.unref();
    return task;
  }

  #leave(why: Error): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#settle()?.reject(new RouterError("PLANNING_FAILED", {}, { originalError: why }));
    void this.#worker.terminate();
    this.#options.onGone(why);
  }
}
