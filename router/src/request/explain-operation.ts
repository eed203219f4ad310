/** What would happen to an operation, for developers: nothing of it runs, and nothing is charged for it. */
import type { QueryPlan } from "@apollo/query-planner";
import type { GraphQLError, OperationTypeNode } from "graphql";
import type { WouldRemove } from "../access/access-plan.js";
import type { PlannedCall } from "../execution/planned-calls.js";
import { factsOf } from "../observability/operation-facts.js";
import { planText } from "../observability/plan-text.js";
import type { Generation } from "../supergraph/generation.js";
import { coerceVariables } from "./coerce-variables.js";
import type { OperationRequest } from "./outcome.js";
import type { RequestContext } from "./request-context.js";

export interface Explained {
  readonly operation: {
    readonly name: string | null;
    readonly kind: OperationTypeNode;
    /** The same as in logs and usage reports. */
    readonly hash: string;
  };
  readonly access: {
    /** Names what was taken out; equal for everybody who sees the same. Empty when everything is there. */
    readonly variant: string;
    /** Coordinates or places the sender may not see. */
    readonly refused: readonly (readonly (string | number)[])[];
    readonly wouldRemove: readonly WouldRemove[] | null;
  };
  /** A tree for people. */
  readonly text: string;
  /** What is sent to subgraphs for these variables, with fetches that travel together as one. */
  readonly calls: readonly PlannedCall[];
  readonly plan: QueryPlan | null;
}

/** @throws RouterError when the sender may not introspect, or the operation cannot be planned. */
export async function explainOperation(
  generation: Generation,
  request: OperationRequest & { readonly text: string },
  context: RequestContext,
): Promise<Explained | { readonly errors: readonly GraphQLError[] }> {
  const operation = generation.operations.get(request.text, request.operationName);
  if ("errors" in operation) return operation;
  if (operation.refusal) return { errors: [operation.refusal] };
  const values = coerceVariables(generation.apiSchema, request, operation, generation.suggestsNames);
  if (values.errors) return values;
  const prepared = await generation.prepare(operation, values.variables, context, true);
  if ("rejected" in prepared) return { errors: prepared.rejected };
  const { plan, executable, refused, wouldRemove, variant } = prepared;
  return {
    operation: {
      name: operation.name ?? null,
      kind: operation.kind,
      hash: factsOf(operation, generation.apiSchema).hash,
    },
    access: { variant, refused: refused.map(({ path = [] }) => path), wouldRemove },
    text: plan ? planText(plan) : "Nothing is asked of any subgraph.",
    calls: executable.calls(values.variables),
    plan: plan ?? null,
  };
}
