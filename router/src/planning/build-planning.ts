/** Apollo's planner over one supergraph, for whichever thread it runs on. Planning is synchronous and may take long. */
import { parse, print, stripIgnoredCharacters } from "graphql";
import { largePackages } from "../large-packages.js";
import type { Planned, PlanRequest } from "./planner.js";
import { preparePlannerSupergraph } from "./planner-supergraph.js";
import { withPrivateAliases } from "./private-aliases.js";
import { refusalOf } from "./refused-plan.js";
import { restoreArguments } from "./restore-arguments.js";

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
  const { operationFromDocument, ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } =
    largePackages.federationInternals();
  const { QueryPlanner } = largePackages.queryPlanner();
  const { document, required, reserved, graphs } = preparePlannerSupergraph(options.supergraphSdl);
  const supergraph = Supergraph.build(document, {
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
      const asked = parse(text, { noLocation: true });
      const { document: aliased, responseNames } = withPrivateAliases(asked, reserved);
      const operation = operationFromDocument(apiSchema, aliased);
      const plan = planner.buildQueryPlan(operation, { overrideConditions });
      return {
        plan: restoreArguments(plan, required, graphs),
        text: aliased === asked ? text : stripIgnoredCharacters(print(aliased)),
        responseNames,
      };
    } catch (error) {
      throw refusalOf(error) ?? error;
    }
  };
}
