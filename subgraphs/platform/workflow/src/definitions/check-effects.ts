/** What steps do to the world: their GraphQL operations, and whether a saga can take it back. */
import type { Definition, Step, UndoAction } from "./definition.js";
import { at, type Finding, finding, type Place } from "./findings.js";
import { readOperation } from "./read-operation.js";
import { type PlacedStep, placedSteps } from "./walk.js";

/** One reason for which the supergraph does not take an operation. */
export interface Refusal {
  readonly reason: string;
  /** Of the operation's text, from 1. */
  readonly line: number;
}

/** @param refusals of its operations by their texts */
export function checkEffects(definition: Definition, refusals: ReadonlyMap<string, readonly Refusal[]>): Finding[] {
  const placed = placedSteps(definition);
  return [
    ...placed.flatMap((each) => checkActions(each, refusals)),
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

/** Texts of the operations in which nothing is wrong by itself, each once. */
export function askableOperations(definition: Definition): string[] {
  const actions = placedSteps(definition).flatMap(actionsOf);
  const texts = actions.flatMap(({ action }) => (action.type === "graphql" ? action.operation : []));
  return [...new Set(texts)].filter((text) => {
    const operation = readOperation(text);
    return "type" in operation && operation.type !== "subscription" && operation.undeclared.length === 0;
  });
}

function checkActions(placed: PlacedStep, refusals: ReadonlyMap<string, readonly Refusal[]>): Finding[] {
  return actionsOf(placed).flatMap(({ action, pointer, stepId }) => {
    if (action.type !== "graphql") return [];
    const { operation, variables } = action;
    const refused = (refusals.get(operation) ?? []).map(({ reason, line }) =>
      finding("OPERATION_REFUSED", { pointer: at(pointer, "operation"), stepId }, { reason, line }),
    );
    return [...checkOperation(operation, variables, { pointer, stepId }), ...refused];
  });
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
