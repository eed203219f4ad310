/** One claimed process, from loading its journal until it has ended, waits, or may not go on here. */
import { type Database, DatabaseError } from "@tessera/database";
import { ProcessesError, type RecordedError, recordError } from "../errors.js";
import type { ProcessLimits } from "../processes.js";
import type { Registered } from "../registry.js";
import { Journal } from "../store/journal.js";
import { errorOf, type InstanceRow, type StepRow } from "../store/rows.js";
import { fromText, toText } from "../values.js";
import { isLeaseLost, isOutage } from "./attempt.js";
import { Lock, type Slots } from "./lock.js";
import { processObject } from "./process-object.js";
import type { Backoff, Run } from "./run.js";
import { type Outcome, Scheduler } from "./scheduler.js";
import { undoAll } from "./undo.js";

/** What is to be written about the process when the activation is over. */
export type Ending =
  | { readonly kind: "release"; readonly dueAt: Date | null; readonly waiting: boolean }
  | { readonly kind: "finish"; readonly state: "COMPLETED" | "UNDONE"; readonly output: string | null }
  | { readonly kind: "stuck"; readonly error: RecordedError };

export interface ActivationOptions {
  readonly database: Database;
  readonly registered: Registered;
  readonly now: () => Date;
  readonly backoff: Backoff;
  readonly limits: ProcessLimits;
  readonly graceMs: number;
  readonly lingerMs: number;
  readonly slots: Slots;
  readonly onLate: () => void;
  /** Writes down that the process is being undone from now on. False: the claim is gone. */
  readonly beginUndo: (error: RecordedError) => Promise<boolean>;
  readonly changed: Run["changed"];
  /** Something broke that is not the process's fault. */
  readonly onOutage: (error: unknown) => void;
}

const outageMs = 1000;

export class Activation {
  readonly #options: ActivationOptions;
  readonly #abort = new AbortController();
  readonly #journal: Journal;
  #scheduler: Scheduler | null = null;
  #stopped = false;

  constructor(
    readonly instance: InstanceRow,
    options: ActivationOptions,
  ) {
    this.#options = options;
    this.#journal = new Journal(options.database, instance);
  }

  signal(): void {
    this.#scheduler?.signal();
  }

  /** Ends the steps that are running and gives the process back. */
  stop(): void {
    this.#stopped = true;
    this.#scheduler?.stop();
  }

  /** The claim is gone: whatever runs cannot commit any more. */
  abort(): void {
    const error = new ProcessesError("PROCESS_LEASE_LOST");
    this.#abort.abort(error);
    this.#scheduler?.halt(error);
  }

  async run(): Promise<Ending> {
    try {
      const entries = await this.#journal.load();
      return await this.#go(entries);
    } catch (error) {
      return this.#halted(error);
    }
  }

  async #go(entries: readonly StepRow[]): Promise<Ending> {
    const run = this.#open(entries);
    if (this.#stopped) run.scheduler.stop();
    const { definition } = this.#options.registered;
    const input = fromText(this.instance.input);
    const outcome = await run.scheduler.run(async () => definition.run(processObject(run), input));
    if (outcome.kind === "halted") return this.#halted(outcome.error);
    if (this.instance.undoing) return this.#undo(run, entries);
    return this.#ended(run, entries, outcome);
  }

  #open(entries: readonly StepRow[]): Run {
    const { now, backoff, limits, registered, changed, graceMs, lingerMs, slots, onLate } = this.#options;
    const scheduler = new Scheduler({
      entries,
      replayOnly: this.instance.undoing,
      steps: limits.steps,
      now: () => now().getTime(),
      ...{ graceMs, lingerMs, slots, onLate },
    });
    this.#scheduler = scheduler;
    return {
      journal: this.#journal,
      scheduler,
      runStep: registered.run,
      now,
      backoff,
      valueBytes: limits.valueBytes,
      signal: this.#abort.signal,
      order: new Lock(),
      nextPosition: 1 + Math.max(0, ...entries.map(({ position }) => position ?? 0)),
      done: [],
      changed,
    };
  }

  async #ended(run: Run, entries: readonly StepRow[], outcome: Outcome): Promise<Ending> {
    switch (outcome.kind) {
      case "waiting":
        return { kind: "release", dueAt: outcome.dueAt === null ? null : new Date(outcome.dueAt), waiting: true };
      case "completed":
        return this.#completed(run, entries, outcome.output);
      case "failed":
        return this.#failed(run, entries, outcome.error);
      default:
        return this.#again();
    }
  }

  async #completed(run: Run, entries: readonly StepRow[], output: unknown): Promise<Ending> {
    try {
      const text = toText("result of the process", output, this.#options.limits.valueBytes);
      return { kind: "finish", state: "COMPLETED", output: text };
    } catch (error) {
      return this.#failed(run, entries, error);
    }
  }

  async #failed(run: Run, entries: readonly StepRow[], error: unknown): Promise<Ending> {
    const recorded = recordError(error, "PROCESS_FAILED");
    if (this.#options.registered.definition.onFailure === "stop") return { kind: "stuck", error: recorded };
    if (!(await this.#options.beginUndo(recorded))) throw new ProcessesError("PROCESS_LEASE_LOST");
    return this.#undo(run, entries, recorded);
  }

  async #undo(run: Run, entries: readonly StepRow[], cause = errorOf(this.instance.error)): Promise<Ending> {
    const byName = new Map(entries.map((entry) => [entry.name, entry]));
    const outcome = await undoAll(run, byName, () => this.#stopped);
    switch (outcome.kind) {
      case "undone":
        return { kind: "finish", state: "UNDONE", output: null };
      case "later":
        return { kind: "release", dueAt: outcome.dueAt, waiting: false };
      case "failed":
        return { kind: "stuck", error: { ...outcome.error, ...(cause ? { cause } : {}) } };
      default:
        return this.#again();
    }
  }

  #again(afterMs = 0): Ending {
    return { kind: "release", dueAt: new Date(this.#options.now().getTime() + afterMs), waiting: false };
  }

  #halted(error: unknown): Ending {
    if (isLeaseLost(error) || this.#abort.signal.aborted) return this.#again();
    if (isPassing(error)) {
      this.#options.onOutage(error);
      return this.#again(outageMs);
    }
    const cause = errorOf(this.instance.error);
    return { kind: "stuck", error: { ...recordError(error, "PROCESS_BROKEN"), ...(cause ? { cause } : {}) } };
  }
}

const passing = new Set(["TRANSACTION_CONFLICT", "QUERY_DEADLINE", "QUERY_CANCELLED"]);

/** It happened to the journal, and will not the next time. */
const isPassing = (error: unknown): boolean =>
  isOutage(error) || (error instanceof DatabaseError && passing.has(error.code));
