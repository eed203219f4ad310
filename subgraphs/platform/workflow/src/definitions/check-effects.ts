/** What steps do to the world: their GraphQL operations, and whether a saga can take it back. */
import type { Definition, Step, UndoAction } from "./definition.js";
import { at, type Finding, finding, type Place } from "./findings.js";
import { readOperation } from "./read-operation.js";
import { type PlacedStep, placedSteps } from "./walk.js";

export function checkEffects(definition: Definition): Finding[] {
  const placed = placedSteps(definition);
  return [
    ...placed.flatMap(checkActions),
    ...(definition.kind === "SAGA" ? placed.flatMap(checkUndo) : []),
    ...checkScopes(definition, placed),
  ];
}

type Action = Pick<UndoAction, "type"> & UndoAction;

/** The step itself and its undo, as far as they do something. */
function actionsOf({ step, pointer }: PlacedStep): { action: Action; pointer: string; stepId: string }[] {
  if (step.type !== "graphql" && step.type !== "http") return [];
  const own = { action: step as Action, pointer, stepId: step.id };
  const { undo } = step;
  return undo === undefined || undo === "none"
    ? [own]
    : [own, { action: undo, pointer: at(pointer, "undo"), stepId: step.id }];
}

function checkActions(placed: PlacedStep): Finding[] {
  return actionsOf(placed).flatMap(({ action, pointer, stepId }) =>
    action.type === "graphql" ? checkOperation(action.operation, action.variables, { pointer, stepId }) : [],
  );
}

function checkOperation(text: string, given: Readonly<Record<string, string>>, { pointer, stepId }: Place): Finding[] {
  const place = { pointer: at(pointer, "operation"), stepId };
  const operation = readOperation(text);
  if ("problem" in operation)
    return operation.problem === "INVALID"
      ? [finding("OPERATION_INVALID", place, { reason: operation.reason })]
      : [finding("OPERATION_NOT_ONE", place)];
  const missing = operation.declared.filter(({ name, required }) => required && !(name in given));
  const unknown = Object.keys(given).filter((name) => !operation.declared.some((variable) => variable.name === name));
  return [
    ...(operation.type === "subscription" ? [finding("OPERATION_SUBSCRIPTION", place)] : []),
    ...operation.undeclared.map((name) => finding("OPERATION_VARIABLE_UNDECLARED", place, { name })),
    ...missing.map(({ name }) => finding("OPERATION_VARIABLE_MISSING", place, { name })),
    ...unknown.map((name) =>
      finding("OPERATION_VARIABLE_UNKNOWN", { pointer: at(pointer, "variables", name), stepId }, { name }),
    ),
  ];
}

/** Whether a step changes something outside of the workflow. */
export function hasEffects(step: Step): boolean {
  if (step.type === "http") return step.method !== "GET" && step.method !== "HEAD";
  if (step.type !== "graphql") return false;
  const operation = readOperation(step.operation);
  return "type" in operation && operation.type === "mutation";
}

function checkUndo({ step, pointer }: PlacedStep): Finding[] {
  if (!hasEffects(step) || ("undo" in step && step.undo !== undefined)) return [];
  return [finding("UNDO_MISSING", { pointer, stepId: step.id }, { id: step.id })];
}

function checkScopes({ scopes }: Definition, placed: readonly PlacedStep[]): Finding[] {
  const asks = placed.flatMap(actionsOf).find(({ action }) => action.type === "graphql");
  return asks && scopes.length === 0 ? [finding("SCOPES_MISSING", { pointer: "/scopes" }, {}, "WARNING")] : [];
}
