/** One expression thread as the process sees it: idle, busy with one request, or gone. */
import { Worker } from "node:worker_threads";
import type { FromThread, ThreadLimits, ToThread } from "./thread-messages.js";
import type { ThreadScript } from "./thread-script.js";

export type Outcome = Exclude<FromThread, { kind: "ready" }>;

export interface WorkerOptions {
  readonly limits: ThreadLimits;
  readonly memoryMb: number;
  /** When it has not answered by then, the thread is stopped. */
  readonly killAfterMs: number;
}

/** A thread that has not come up by then never will. */
const startMs = 30_000;

export class ExpressionWorker {
  readonly #worker: Worker;
  readonly #options: WorkerOptions;
  readonly #ready: Promise<void>;
  #settle: ((outcome: Outcome) => void) | undefined;
  isGone = false;

  constructor({ script, isCode }: ThreadScript, options: WorkerOptions) {
    this.#options = options;
    this.#worker = new Worker(script, {
      eval: isCode,
      name: "expressions",
      workerData: { limits: options.limits, home: import.meta.url },
      resourceLimits: { maxOldGenerationSizeMb: options.memoryMb, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 },
      execArgv: [],
      env: {},
    });
    this.#worker.unref();
    this.#ready = new Promise((resolve) => {
      this.#worker.on("message", (message: FromThread) => {
        if (message.kind === "ready") resolve();
        else this.#finish(message);
      });
    });
    const leave = (because: "size" | "failed", reason: string) => this.#leave({ kind: "failed", because, reason });
    this.#worker.on("error", (error: Error & { code?: string }) =>
      leave(error.code === "ERR_WORKER_OUT_OF_MEMORY" ? "size" : "failed", error.message),
    );
    this.#worker.on("exit", () => leave("failed", "the thread ended"));
  }

  /** Never rejects; whatever happens to the thread is an outcome. */
  run(request: ToThread): Promise<Outcome> {
    return new Promise((resolve) => {
      const late = () => this.#leave({ kind: "failed", because: "time", reason: "it was stopped" });
      let timer = setTimeout(late, startMs);
      this.#settle = (outcome) => {
        clearTimeout(timer);
        resolve(outcome);
      };
      this.#worker.ref();
      // Coming up is not counted: a busy machine takes its time for that.
      void this.#ready.then(() => {
        if (this.isGone) return;
        clearTimeout(timer);
        timer = setTimeout(late, this.#options.killAfterMs);
        this.#worker.postMessage(request);
      });
    });
  }

  #finish(outcome: Outcome): void {
    const settle = this.#settle;
    this.#settle = undefined;
    this.#worker.unref();
    settle?.(outcome);
  }

  #leave(outcome: Outcome): void {
    if (this.isGone) return;
    this.isGone = true;
    void this.#worker.terminate();
    this.#finish(outcome);
  }
}
