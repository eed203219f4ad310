/** The door of the package: what may be asked of processes, and what the host supplies. */
import type { Database, TenantDb } from "@tessera/database";
import type { Bus, Events, Subscription } from "@tessera/events";
import type { AnyProcess, ProcessDefinition, StepFacts } from "./define.js";
import type { RecordedError } from "./errors.js";

/**
 * `RUNNING` has something to do · `WAITING` for a time, an event or an answer · `PAUSED` by a person · `UNDOING` ·
 * `STUCK` needs a person, `error` says why. Ended for good: `COMPLETED` · `UNDONE` after a failure or a cancellation ·
 * `CANCELLED` without undo.
 */
export const processStates = [
  "RUNNING",
  "WAITING",
  "PAUSED",
  "UNDOING",
  "STUCK",
  "COMPLETED",
  "UNDONE",
  "CANCELLED",
] as const;
export type ProcessState = (typeof processStates)[number];

export interface ProcessInstance {
  readonly id: string;
  readonly tenantId: string;
  readonly module: string;
  readonly name: string;
  readonly version: number;
  readonly state: ProcessState;
  readonly input: unknown;
  /** What `run` returned, once `COMPLETED`. */
  readonly output: unknown;
  /** Why it is stuck, undoing, undone or cancelled. */
  readonly error: RecordedError | null;
  readonly startedBy: string | null;
  readonly correlationId: string;
  readonly startedAt: Date;
  readonly changedAt: Date;
  readonly finishedAt: Date | null;
  /** The next moment at which it goes on by itself. */
  readonly dueAt: Date | null;
}

export type StepKind = "STEP" | "SLEEP" | "EVENT" | "ANSWER";
/** `RETRYING` after a failed attempt · `WAITING` for what it sleeps or waits for · `UNDONE` and `UNDO_FAILED` after `DONE`. */
export type StepStatus = "RETRYING" | "WAITING" | "DONE" | "FAILED" | "UNDONE" | "UNDO_FAILED";

export interface ProcessStep {
  readonly name: string;
  readonly kind: StepKind;
  readonly status: StepStatus;
  /** Order in which steps ended; `null` before. */
  readonly position: number | null;
  readonly attempts: number;
  readonly undoAttempts: number;
  readonly input: unknown;
  readonly output: unknown;
  /** Of the last attempt that failed, or the last answer that was refused. */
  readonly error: RecordedError | null;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  readonly undoneAt: Date | null;
  /** Next attempt, end of sleep, or deadline. */
  readonly dueAt: Date | null;
}

/** On whose behalf processes are started and steered. */
export interface ProcessScope {
  readonly module: string;
  readonly tenantId: string;
  readonly actorId: string | null;
  readonly correlationId: string;
  /** The event that leads to this; a process does not hear the event that started it. */
  readonly causationId: string | null;
  /** Automatic steps that led here; default 0. */
  readonly depth?: number;
  /** Joins this transaction, which must be one of the module and tenant. Default: one of its own. */
  readonly db?: TenantDb | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface StartOptions<Input> {
  readonly input: Input;
  /** Starting the same id again finds the process that is there. 1 to 200 characters; default a new UUID. */
  readonly id?: string;
}

export interface StartedProcess {
  readonly id: string;
  /** False: a process with this id, name and input was there. */
  readonly started: boolean;
}

export interface ProcessFilter {
  readonly name?: string;
  readonly states?: readonly ProcessState[];
  /** Default 50, at most 200. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly after?: string;
}

export interface ProcessPage {
  /** Newest first. */
  readonly processes: readonly ProcessInstance[];
  readonly next: string | null;
}

/** The processes of one module and tenant. Refusals are `ProcessesError`s. */
export interface ModuleProcesses {
  /** `PROCESS_UNKNOWN`, `PROCESS_INPUT_INVALID`, `PROCESS_ID_TAKEN`, `PROCESS_TOO_MANY`, `PROCESS_VALUE_TOO_LARGE` */
  start<Input>(
    definition: ProcessDefinition<never, Input, unknown>,
    options: StartOptions<Input>,
  ): Promise<StartedProcess>;
  /**
   * Answers `waitForAnswer(wait)`, also before it is asked. `PROCESS_ANSWERED`, `PROCESS_NOT_WAITING`,
   * `PROCESS_ANSWER_INVALID`
   */
  answer(id: string, wait: string, value: unknown): Promise<void>;
  /** What runs ends its current steps first. `PROCESS_STATE` */
  pause(id: string): Promise<void>;
  resume(id: string): Promise<void>;
  /** With `undo` it ends `UNDONE`, without `CANCELLED`. */
  cancel(id: string, options: { readonly undo: boolean }): Promise<void>;
  /**
   * Lets a stuck process go on: with the undo that failed, or with the step that failed. `fromStep` forgets that step and
   * all that ended after it, and runs forward from there; what those steps did stays. `PROCESS_STEP_UNKNOWN`,
   * `PROCESS_STEP_UNDONE`
   */
  retry(id: string, fromStep?: string): Promise<void>;
  find(id: string): Promise<ProcessInstance | null>;
  list(filter?: ProcessFilter): Promise<ProcessPage>;
  /** In the order in which they began. */
  steps(id: string): Promise<readonly ProcessStep[]>;
}

/** One attempt at one step or its undo, handed to the host. */
export interface StepAttempt<Context = unknown> {
  readonly module: string;
  readonly tenantId: string;
  readonly actorId: string | null;
  readonly correlationId: string;
  readonly causationId: string | null;
  /** Automatic steps that led to the start of the process. */
  readonly depth: number;
  readonly step: StepFacts;
  /** Epoch milliseconds. */
  readonly deadline: number;
  /** The author's function. `context` must write through the transaction that `record` gets. */
  handle(context: Context): Promise<void>;
  /** Writes the journal entry: after `handle`, before the outbox is flushed. Rejects when the effect must not commit. */
  record(db: TenantDb): Promise<void>;
}

/**
 * Supplied by the host: opens ONE transaction of the module for the tenant, calls `handle` with a context that joins it,
 * then `record`, then flushes the outbox. Rejects when any of it failed; the transaction is rolled back then.
 */
export type RunStep<Context = unknown> = (attempt: StepAttempt<Context>) => Promise<void>;

/** Each number is counted up to 10,000; that much means "at least". */
export interface ProcessesStats {
  readonly running: number;
  readonly waiting: number;
  readonly stuck: number;
}

export interface Processes {
  of(scope: ProcessScope): ModuleProcesses;
  /** Makes a module's definitions known, so that they can be started, and runs instances of them in this process. */
  startWorker<Context>(
    module: string,
    definitions: readonly AnyProcess<Context>[],
    run: RunStep<Context>,
  ): Subscription;
  stats(): Promise<ProcessesStats>;
  /** For tests: nothing that could run now is left, in the modules of this process. */
  idle(): Promise<void>;
  /** Lets running steps end and gives their processes back. */
  close(): Promise<void>;
}

export interface Log {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export interface ProcessLimits {
  /** Steps, sleeps and waits of one process. Default 5,000. */
  readonly steps: number;
  /** Bytes of one stored value as JSON. Default 1,000,000. */
  readonly valueBytes: number;
  /** Unfinished processes of one module and tenant. Default 100,000. */
  readonly unfinished: number;
}

export interface ProcessesOptions {
  readonly database: Database;
  /** Feeds the waits for events. */
  readonly bus: Pick<Bus, "consume">;
  /** Announces changes, live. */
  readonly events: Pick<Events, "announce">;
  readonly log?: Log;
  /** For timers; leases use the database's clock. */
  readonly clock?: () => Date;
  /** Processes that run at once in this process. Default twice the size of the connection pool. */
  readonly atOnce?: number;
  /** After a worker died its processes go on elsewhere within this time. Default 10,000. */
  readonly leaseMs?: number;
  /** Attempt n waits between half of and the whole min(capMs, baseMs * 2^(n-1)). Default 1,000 and 300,000. */
  readonly retry?: { readonly baseMs?: number; readonly capMs?: number };
  /** How long nobody may know a version before its instances are stuck. Default 60,000. */
  readonly versionGraceMs?: number;
  /** How long ended processes are kept. Default 30 days. */
  readonly retentionMs?: number;
  /**
   * How long code may do something of its own, outside of steps, before an entry of the journal that it has not asked for
   * counts as a misfit. Default 5,000.
   */
  readonly graceMs?: number;
  readonly limits?: Partial<ProcessLimits>;
}
