/** What is wrong with a definition: coded, and located by JSON Pointer (RFC 6901). */
import { fillSentence } from "@tessera/shared-types";

export type Severity = "ERROR" | "WARNING";

export interface Finding {
  readonly severity: Severity;
  readonly code: FindingCode;
  readonly message: string;
  readonly pointer: string;
  readonly stepId: string | null;
}

/** Every code there is, with its sentence. */
export const findingTexts = {
  SHAPE_INVALID: "{reason}",
  DEFINITION_TOO_LARGE: "The definition has {bytes} bytes, {most} at most.",
  TOO_MANY_STEPS: "The definition has {count} steps, {most} at most.",
  TOO_DEEP: "Blocks stand {depth} deep within each other, {most} at most.",
  ID_DUPLICATE: "{id} stands twice: give each step and trigger an id of its own.",
  NEXT_UNKNOWN: "There is no step {id} in this block.",
  STEP_UNREACHABLE: "No path leads to {id}: let a step go on to it, or remove it.",
  STEPS_IN_CIRCLE: "The steps {path} form a circle: use a loop to repeat something.",
  UNDO_MISSING: '{id} has effects and does not say how to undo them: give it an `undo`, or say that there is "none".',
  EXPRESSION_INVALID: "The expression does not parse: {reason}",
  VARIABLE_UNKNOWN: "There is no variable {name}: an expression here sees {known}.",
  VARIABLE_REBOUND: "{name} has a meaning of its own and cannot be bound anew.",
  STEP_UNKNOWN: "There is no step {id} whose output could be seen here.",
  STEP_NOT_BEFORE: "{id} never comes before this step, so its output is never there.",
  INPUT_UNDECLARED: "The input {name} is not declared in `inputs`.",
  INPUTS_INVALID: "`inputs` is no JSON Schema of an object: {reason}",
  FORM_INVALID: "The form is no JSON Schema that can be used: {reason}",
  OPERATION_INVALID: "The operation does not parse: {reason}",
  OPERATION_REFUSED: "The supergraph does not take the operation: {reason} (line {line})",
  OPERATION_NOT_ONE: "Give exactly one query or mutation, and the fragments it uses.",
  OPERATION_SUBSCRIPTION: "A subscription never ends: wait for an event instead.",
  OPERATION_VARIABLE_MISSING: "The operation needs the variable {name}.",
  OPERATION_VARIABLE_UNDECLARED: "The operation uses the variable {name} without declaring it.",
  OPERATION_VARIABLE_UNKNOWN: "The operation has no variable {name}.",
  SCOPES_MISSING: "There is a GraphQL operation, and no `scopes` it could use.",
  SCOPE_UNKNOWN: "There is no scope {scope}.",
  SCOPE_NOT_HELD: "You do not hold {scope}, so you cannot give it to a workflow.",
  CRON_INVALID: "The schedule {cron} cannot be used: {reason}",
  TIME_ZONE_UNKNOWN: "There is no time zone {timeZone}.",
  EVENT_UNKNOWN: "No module publishes {event}.",
  PERSON_UNKNOWN: "{id} does not work in this organization: name one of its members.",
  QUORUM_TOO_LARGE: "{quorum} approvals are asked for, of {count} approvers.",
  WARNING_TOO_EARLY: "The warning comes {warn} seconds before something that is due after {within}.",
  WORKFLOW_CALLS_ITSELF: "A workflow cannot be a step of itself, directly or through others.",
  WORKFLOW_UNKNOWN: "No workflow {key} is published.",
} as const;

export type FindingCode = keyof typeof findingTexts;

export interface Place {
  readonly pointer: string;
  readonly stepId?: string | null | undefined;
}

export function finding(
  code: FindingCode,
  { pointer, stepId = null }: Place,
  details: Readonly<Record<string, string | number>> = {},
  severity: Severity = "ERROR",
): Finding {
  return { severity, code, message: fillSentence(findingTexts[code], details), pointer, stepId };
}

/** One more step of a JSON Pointer. */
export function at(pointer: string, ...parts: readonly (string | number)[]): string {
  return parts.reduce<string>(
    (path, part) => `${path}/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`,
    pointer,
  );
}
