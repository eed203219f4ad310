/** Apollo's planner over one supergraph, for whichever thread it runs on. Planning is synchronous and may take long. */
import { operationFromDocument, ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from "@apollo/federation-internals";
import { QueryPlanner } from "@apollo/query-planner";
import { parse } from "graphql";
import type { Planned, PlanRequest } from "./planner.js";
import { refusalOf } from "./refused-plan.js";

/** Plain data: it travels to the planning threads. */
export interface PlanningOptions {
  readonly supergraphSdl: string;
  /** How many plans are compared before the best so far is taken. */
  readonly maxEvaluatedPlans: number;
  readonly enableDefer: boolean;
  readonly typeConditionedFetching: boolean;
}

/** @throws RefusedPlan for an operation that has no plan. */
export type Plan = (request: PlanRequest) => Planned;

export function buildPlanning(options: PlanningOptions): Plan {
  const supergraph = Supergraph.build(options.supergraphSdl, {
    supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES,
    validateSupergraph: false,
  });
  const apiSchema = supergraph.apiSchema();
  const planner = new QueryPlanner(supergraph, {
    incrementalDelivery: { enableDefer: options.enableDefer },
    typeConditionedFetching: options.typeConditionedFetching,
    debug: { maxEvaluatedPlans: options.maxEvaluatedPlans },
  });

  return ({ text, overrides }) => {
    const overrideConditions = new Map(overrides.map((label) => [label, true]));
    try {
      const operation = operationFromDocument(apiSchema, parse(text, { noLocation: true }));
      return { plan: planner.buildQueryPlan(operation, { overrideConditions }), text, responseNames: {} };
    } catch (error) {
      throw refusalOf(error) ?? error;
    }
  };
}
