/** Coded errors of processes. */
import { errorClass } from "@tessera/shared-types";

const messages = {
  PROCESS_NOT_FOUND:
    "There is no process {id} here. It may have ended and been cleaned up, or belong to somebody else.",
  PROCESS_UNKNOWN: "{module} does not run {name} v{version}: list it under `processes`.",
  PROCESS_DUPLICATE: "{module} declares {name} v{version} twice.",
  PROCESS_INPUT_INVALID: "The input of {name} v{version} does not fit: {problem}.",
  PROCESS_ID_TAKEN: "Process {id} exists already with another name or input. Choose another id, or the same input.",
  PROCESS_STATE: "Process {id} is {state}, so it cannot be {action}.",
  PROCESS_NOT_WAITING: 'Process {id} does not wait for an answer "{wait}" any more.',
  PROCESS_ANSWERED: 'The answer "{wait}" of process {id} has been given already.',
  PROCESS_ANSWER_INVALID: 'The answer "{wait}" does not fit: {problem}.',
  PROCESS_NOT_DETERMINISTIC:
    'The journal does not fit the code: {problem} (step "{step}"). Give changed code a new version.',
  PROCESS_VERSION_GONE: "Nobody runs {name} v{version} any more. Register that version again, then retry.",
  PROCESS_STEP_DUPLICATE: 'A process asked for two steps named "{step}". Names are unique: number them in a loop.',
  PROCESS_STEP_NAME_INVALID: "The name of a step has 1 to {limit} characters.",
  PROCESS_TIME_INVALID: 'The time of "{step}" is no point in time: {time}.',
  PROCESS_STEP_UNKNOWN: 'Process {id} has no step "{step}" in its journal.',
  PROCESS_STEP_UNDONE: 'Process {id} cannot go on from "{step}": steps before it have been undone.',
  PROCESS_STEP_TIMEOUT: 'Step "{step}" took longer than {milliseconds} ms and was given up.',
  PROCESS_TOO_MANY_STEPS: "A process may have {limit} steps. Start another process for the rest.",
  PROCESS_TOO_MANY: "This tenant has {limit} unfinished processes of {module}: let some end first.",
  PROCESS_VALUE_TOO_LARGE: "The {what} has {bytes} bytes as JSON; {limit} are stored at most. Keep an id instead.",
  PROCESS_VALUE_INVALID: "The {what} cannot be stored as JSON: {problem}.",
  PROCESS_EVENT_NOT_HEARD: '{name} v{version} waits for {type} but does not hear it: list it under "hears".',
  PROCESS_STALLED: "The process waits for something that is no step for {seconds} s: move it into a step.",
  PROCESS_CANCELLED: "The process was cancelled.",
  PROCESS_STEP_NOT_RECORDED: 'The host of {module} ran step "{step}" without calling record() in its transaction.',
  PROCESS_LEASE_LOST: "Another worker has taken the process over.",
} as const;

/** `code` is stable; `details` holds what the message names. */
export class ProcessesError extends errorClass("ProcessesError", messages) {}

/** An error as the journal keeps it. */
export interface RecordedError {
  readonly code: string;
  readonly message: string;
  readonly step?: string;
  readonly stack?: string;
  /** What had happened before: the failure that led to an undo which failed, too. */
  readonly cause?: RecordedError;
}

/** A step has failed for good. `code` is that of the error it failed with, or `STEP_FAILED`. */
export class StepFailed extends Error {
  override readonly name = "StepFailed";
  readonly code: string;
  constructor(
    readonly step: string,
    readonly recorded: RecordedError,
  ) {
    super(recorded.message);
    this.code = recorded.code;
  }
}

const longestStack = 4000;

export function recordError(error: unknown, fallback: string, step?: string): RecordedError {
  if (error instanceof StepFailed) return error.recorded;
  const raw = (error ?? {}) as { code?: unknown; message?: unknown; stack?: unknown };
  return {
    code: typeof raw.code === "string" ? raw.code : fallback,
    message: typeof raw.message === "string" ? raw.message : String(error),
    ...(step === undefined ? {} : { step }),
    ...(typeof raw.stack === "string" ? { stack: raw.stack.slice(0, longestStack) } : {}),
  };
}
