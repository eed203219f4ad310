/** The parts of a deferred operation, with everything that can be decided about them before a request. */
import type { GraphQLSchema } from "graphql";
import { type DeferredPlace, deferredPlace, type Variables } from "./deferred-places.js";
import { withoutDeferred } from "./first-part.js";
import type { ShownOperation } from "./introspection.js";
import type { PathStep } from "./path-steps.js";
import { holds, type PlanPart } from "./plan-steps.js";
import type { Program } from "./program.js";
import { compilePartProjection, type PartProjection } from "./text/part-projection.js";
import { compileProjection, type Projection } from "./text/projection.js";
import type { TypeNames } from "./type-names.js";

export interface CompiledPart {
  readonly index: number;
  readonly parent: number | null;
  readonly label: string | undefined;
  readonly path: readonly PathStep[];
  readonly projection: PartProjection;
  /** Whether the client has asked for the part, as far as variables say. */
  isOn(variables: Variables): boolean;
}

export interface PartsInput {
  readonly schema: GraphQLSchema;
  readonly shown: ShownOperation;
  readonly responseNames: Readonly<Record<string, string>>;
  readonly names: TypeNames;
  /** Of the whole operation. */
  readonly projection: Projection;
}

/** `variables` are any for which the plan of `program` applies: they agree on what is deferred. */
export function compileParts({ parts, calls }: Program, variables: Variables, input: PartsInput): CompiledPart[] {
  return parts.map((part) => {
    const place = part.index === 0 ? null : deferredPlace(part, input.shown, input.schema);
    const conditionsOfCalls = calls.filter((call) => call.part === part.index).map(({ conditions }) => conditions);
    return {
      index: part.index,
      parent: part.parent,
      label: part.label,
      path: part.queryPath.map(pathStep),
      projection: place ? laterProjection(part, place, input) : firstProjection(parts, variables, input),
      isOn: (given) =>
        holds(part.conditions, given) &&
        (place?.isOn(given) ?? true) &&
        (conditionsOfCalls.length === 0 || conditionsOfCalls.some((conditions) => holds(conditions, given))),
    };
  });
}

/** `... on Type` tests the object that was reached; lists are gone through without being named. */
function pathStep(step: string): PathStep {
  const type = step.startsWith("... on ") ? step.slice("... on ".length) : null;
  return type === null ? { key: step, isList: false, types: null } : { key: null, isList: false, types: [type] };
}

function firstProjection(parts: readonly PlanPart[], variables: Variables, input: PartsInput): Projection {
  const { schema, shown, responseNames, names, projection } = input;
  if (parts.length === 1) return projection;
  return compileProjection({ schema, ...withoutDeferred(shown, variables), responseNames, form: names.form });
}

function laterProjection(part: PlanPart, { type }: DeferredPlace, input: PartsInput): PartProjection {
  const { schema, shown, responseNames, names } = input;
  const selection = part.subselection ?? "{ __typename }";
  return compilePartProjection({
    schema,
    operation: shown.operation,
    type,
    selection,
    responseNames,
    form: names.form,
  });
}
