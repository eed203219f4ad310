/** `process.step`: attempts with a pause in between, then done or failed for good. */
import type { StepOptions } from "../define.js";
import { recordError, StepFailed } from "../errors.js";
import { errorOf, type StepRow } from "../store/rows.js";
import { fromText, toText } from "../values.js";
import { isLeaseLost, isOutage, runAttempt } from "./attempt.js";
import { type Run, retryAt, takeTurn } from "./run.js";
import type { Operation } from "./scheduler.js";

const defaults = { attempts: 5, undoAttempts: 10, timeoutMs: 30_000 };

export class StepOperation<Context, Result> implements Operation {
  readonly kind = "STEP" as const;
  readonly promise: Promise<Result>;
  readonly #run: Run;
  readonly #options: StepOptions<Context, Result>;
  readonly #input: string | null;
  #attempts: number;
  #startedAt: Date | null;
  #resolve: (value: Result) => void = () => {};
  #reject: (error: unknown) => void = () => {};

  /** `PROCESS_VALUE_TOO_LARGE` for the input that is shown. */
  constructor(
    run: Run,
    readonly name: string,
    options: StepOptions<Context, Result>,
  ) {
    this.#run = run;
    this.#options = options;
    this.#input = toText("input of the step", options.input, run.valueBytes);
    const entry = run.scheduler.entry(name);
    this.#attempts = entry?.attempts ?? 0;
    this.#startedAt = entry ? new Date(entry.started_at) : null;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  replay(entry: StepRow): void {
    if (entry.status === "FAILED") {
      const error = errorOf(entry.error) ?? { code: "STEP_FAILED", message: "The step failed." };
      this.#reject(new StepFailed(this.name, error));
      return;
    }
    const output = fromText(entry.output);
    if (entry.status !== "UNDONE") this.#done(entry.position ?? 0, output);
    this.#resolve(output as Result);
  }

  async live(): Promise<void> {
    const dueAt = this.#run.scheduler.entry(this.name)?.due_at ?? null;
    if (dueAt !== null && dueAt > this.#run.now().getTime()) this.#park(dueAt);
    else await this.#attempt();
  }

  #park(dueAt: number): void {
    this.#run.scheduler.park(this.name, { dueAt, hearsSignals: false, check: () => this.#attempt() });
  }

  async #attempt(): Promise<void> {
    const { do: work, timeoutMs = defaults.timeoutMs } = this.#options;
    const { journal, now, valueBytes } = this.#run;
    this.#startedAt ??= now();
    const startedAt = this.#startedAt;
    const number = this.#attempts + 1;
    const facts = { name: this.name, kind: this.kind, undoable: this.#options.undo !== undefined, input: this.#input };
    let output: string | null = null;
    try {
      await runAttempt(this.#run, {
        name: this.name,
        number,
        timeoutMs,
        undo: false,
        handle: async (context) => {
          output = toText("result of the step", await work(context), valueBytes);
        },
        record: (db, position) =>
          journal.put(db, {
            ...facts,
            status: "DONE",
            position,
            attempts: number,
            output,
            startedAt,
            finishedAt: now(),
          }),
        done: (position) => {
          const value = fromText(output);
          this.#settled("DONE", position);
          this.#done(position, value);
          this.#resolve(value as Result);
        },
      });
    } catch (error) {
      await this.#failed(error, number, facts);
    }
  }

  async #failed(
    error: unknown,
    attempts: number,
    facts: { name: string; kind: "STEP"; undoable: boolean; input: string | null },
  ): Promise<void> {
    if (isLeaseLost(error) || isOutage(error) || this.#run.signal.aborted) throw error;
    const { attempts: most = defaults.attempts, retryIf = () => true, backoffMs } = this.#options;
    const { journal, now } = this.#run;
    const backoff = backoffMs === undefined ? this.#run.backoff : { ...this.#run.backoff, baseMs: backoffMs };
    const recorded = recordError(error, "STEP_FAILED", this.name);
    const startedAt = this.#startedAt ?? now();
    this.#attempts = attempts;
    const entry = { ...facts, attempts, error: recorded, startedAt };
    if (attempts < most && retryIf(error)) {
      const dueAt = retryAt(now(), attempts, backoff);
      await journal.transaction((db) => journal.put(db, { ...entry, status: "RETRYING", dueAt }));
      this.#run.changed({ name: this.name, status: "RETRYING" });
      this.#park(dueAt.getTime());
      return;
    }
    let release: (() => void) | undefined;
    try {
      await journal.transaction(async (db) => {
        release = await takeTurn(this.#run, db);
        const position = this.#run.nextPosition;
        await journal.put(db, { ...entry, status: "FAILED", position, finishedAt: now() });
      });
      this.#settled("FAILED", this.#run.nextPosition);
      this.#reject(new StepFailed(this.name, recorded));
    } finally {
      release?.();
    }
  }

  #settled(status: string, position: number): void {
    this.#run.nextPosition = position + 1;
    this.#run.changed({ name: this.name, status });
  }

  #done(position: number, output: unknown): void {
    const { undo, undoAttempts = defaults.undoAttempts, timeoutMs = defaults.timeoutMs } = this.#options;
    const undoOptions = { attempts: undoAttempts, timeoutMs };
    this.#run.done.push({ name: this.name, position, output, undo: undo as never, undoOptions });
  }
}
