/** Subscription plans from Apollo's planner: the stream of the owning subgraph, and what to fetch for each event. */
import { operationFromDocument } from "@apollo/federation-internals";
import type { FetchNode, PlanNode } from "@apollo/query-planner";
import type { DocumentNode, OperationDefinitionNode } from "graphql";
import { RouterError } from "../errors/router-error.js";
import type { LoadedSupergraph } from "../supergraph/load-supergraph.js";

export interface SubscriptionPlan {
  /** The operation of the subgraph that has the stream. */
  readonly primary: FetchNode;
  /** Fields of other subgraphs, fetched for each event; absent when the stream has everything. */
  readonly rest?: PlanNode | undefined;
}

export type PlanSubscription = (
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variant: string,
) => SubscriptionPlan;

/** Plans are kept with the parsed operation: one for each variant that access makes of it. */
export function createPlanSubscription(supergraph: LoadedSupergraph): PlanSubscription {
  const plans = new WeakMap<OperationDefinitionNode, Map<string, SubscriptionPlan>>();

  return (document, operation, variant) => {
    const known = plans.get(operation) ?? new Map<string, SubscriptionPlan>();
    plans.set(operation, known);
    const plan = known.get(variant) ?? build(supergraph, document, operation.name?.value);
    known.set(variant, plan);
    return plan;
  };
}

/** @throws RouterError UNPLANNABLE_OPERATION when no subgraph has the stream. */
function build(supergraph: LoadedSupergraph, document: DocumentNode, operationName?: string): SubscriptionPlan {
  const { planner, apiSchema } = supergraph.planning();
  const operation = operationFromDocument(apiSchema, document, operationName ? { operationName } : {});
  const { node } = planner.buildQueryPlan(operation);
  if (node?.kind !== "Subscription") {
    throw new RouterError("UNPLANNABLE_OPERATION", { reason: "no module publishes this subscription" });
  }
  return { primary: node.primary, rest: node.rest };
}
