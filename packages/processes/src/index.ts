/** Durable, undoable processes in code. The guarantees are in README.md. */
export {
  type AnswerWait,
  type AnyProcess,
  defineProcess,
  type EventWait,
  type Process,
  type ProcessDefinition,
  type SleepOptions,
  type StepFacts,
  type StepOptions,
} from "./define.js";
export { ProcessesError, type RecordedError, StepFailed } from "./errors.js";
export { openProcesses } from "./open-processes.js";
export {
  type ModuleProcesses,
  type Processes,
  type ProcessesOptions,
  type ProcessFilter,
  type ProcessInstance,
  type ProcessPage,
  type ProcessScope,
  type ProcessState,
  type ProcessStep,
  processStates,
  type RunStep,
  type StartedProcess,
  type StartOptions,
  type StepAttempt,
} from "./processes.js";
export { prepareProcesses } from "./schema/prepare.js";
