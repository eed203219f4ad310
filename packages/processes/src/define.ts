/** What the author of a process writes, and what the engine hands to it. */
import type { EventContract, EventEnvelope } from "@tessera/shared-types";
import type { z } from "zod";

/** Facts of the step that is running, for effects outside of the database. */
export interface StepFacts {
  readonly processId: string;
  readonly name: string;
  /** 1 for the first. */
  readonly attempt: number;
  /** A UUID, the same in all attempts of this step and different for its undo: what another system recognises a repetition by. */
  readonly idempotencyKey: string;
  /** Aborted when the attempt takes too long or this worker may not go on. */
  readonly signal: AbortSignal;
}

export interface StepOptions<Context, Result> {
  /**
   * The effect. What it writes through `context` commits together with the journal entry, so it happens once. Its result
   * is stored as JSON, and given back as JSON gives it back: a `Date` comes back as a string.
   */
  readonly do: (context: Context) => Result | Promise<Result>;
  /** Takes the effect back when the process fails or is cancelled later on. */
  readonly undo?: (context: Context, result: Result) => unknown;
  /** Shown to who looks at the step; the engine does not use it. */
  readonly input?: unknown;
  /** Attempts before the step counts as failed. Default 5. */
  readonly attempts?: number;
  /** Before the second attempt; doubled before each further one, with jitter. Default: the installation's. */
  readonly backoffMs?: number;
  /** Attempts of `undo` before the process is stuck. Default 10. */
  readonly undoAttempts?: number;
  /** Milliseconds one attempt may take. Default 30,000. */
  readonly timeoutMs?: number;
  /** False: this error will not go away, do not try again. Default: every error may. */
  readonly retryIf?: (error: unknown) => boolean;
}

export interface SleepOptions {
  readonly until?: Date | string;
  /** From the moment the process got here. */
  readonly milliseconds?: number;
}

export interface EventWait<Payload> {
  /** Only events about this. */
  readonly aggregateId?: string;
  /** Pure: it may be asked again for the same event. */
  readonly where?: (event: EventEnvelope<Payload>) => boolean | Promise<boolean>;
  readonly deadline?: Date | string;
}

export interface AnswerWait<Answer> {
  readonly schema: z.ZodType<Answer>;
  readonly deadline?: Date | string;
}

/**
 * One running process. Everything that is not a pure function of its input and of what these methods gave back belongs
 * into a step: `run` starts from the beginning whenever the process goes on, and finds what is done in the journal.
 * Names are unique within one process.
 */
export interface Process<Context> {
  readonly id: string;
  readonly tenantId: string;
  /** Who started it, if that was a person or client. */
  readonly startedBy: string | null;
  readonly startedAt: Date;
  /** @throws StepFailed after the last attempt. */
  step<Result>(name: string, options: StepOptions<Context, Result>): Promise<Result>;
  /** Branches at once. When one fails the others end what they are at; then the first failure is thrown. */
  parallel<Branches extends Readonly<Record<string, () => Promise<unknown>>>>(
    branches: Branches,
  ): Promise<{ [Name in keyof Branches]: Awaited<ReturnType<Branches[Name]>> }>;
  sleep(name: string, options: SleepOptions): Promise<void>;
  /**
   * The first event that fits and that no other wait of this process has taken; `null` when the deadline passed. Events
   * count from the start of the process on, also those that came before this was asked. The type must be among those
   * the process hears. A contract of version 0 takes every version of its type.
   */
  waitForEvent<Payload>(
    name: string,
    contract: EventContract<Payload>,
    options?: EventWait<Payload>,
  ): Promise<EventEnvelope<Payload> | null>;
  /** What `answer(id, name, value)` was given; `null` when the deadline passed. */
  waitForAnswer<Answer>(name: string, options: AnswerWait<Answer>): Promise<Answer | null>;
}

export interface ProcessDefinition<Context = unknown, Input = unknown, Output = unknown> {
  /** `<verb>-<noun>`, unique within the module. */
  readonly name: string;
  /** Raise it when steps change; keep the old version registered until its last instance has ended. */
  readonly version: number;
  /** Stored as JSON. */
  readonly input: z.ZodType<Input>;
  /**
   * Events that instances hear from their start to their end: contracts, or their types worked out from the input. The
   * type "*" hears everything the tenant's modules publish.
   */
  readonly hears?: readonly Pick<EventContract, "type">[] | ((input: Input) => readonly string[]);
  /** What a failure leads to: undoing what is done (default), or `STUCK`, for a person to decide. */
  readonly onFailure?: "undo" | "stop";
  run(process: Process<Context>, input: Input): Promise<Output>;
}

/** Any definition, whatever it takes and gives. */
// biome-ignore lint/suspicious/noExplicitAny: each process has an input and an output of its own
export type AnyProcess<Context = any> = ProcessDefinition<Context, any, any>;

/** Declares a process. It does nothing until a worker runs it and somebody starts it. */
export function defineProcess<Context, Input, Output>(
  definition: ProcessDefinition<Context, Input, Output>,
): ProcessDefinition<Context, Input, Output> {
  return definition;
}
