/** A supergraph as Apollo's planner gets it: rewritten so that the plans it gets wrong come out right. */
import { type DocumentNode, parse } from "graphql";
import { joinIdentity, readKeyFields, readRequiredFields, readSubgraphs } from "../supergraph/joins.js";
import { Links } from "../supergraph/links.js";
import { putResolvableKeysFirst } from "./keys-in-order.js";
import { type RequiredFields, separateRequiredArguments } from "./required-arguments.js";

export interface PlannerSupergraph {
  readonly document: DocumentNode;
  /** Fields with arguments that only the planner sees under a name of their own. */
  readonly required: RequiredFields;
  /** Names of fields a plan asks for by itself: no alias may pass for one. */
  readonly reserved: ReadonlySet<string>;
  /** Name of a subgraph → its name in the enum `join__Graph`. */
  readonly graphs: ReadonlyMap<string, string>;
}

export function preparePlannerSupergraph(sdl: string): PlannerSupergraph {
  const given = parse(sdl, { noLocation: true });
  const links = new Links(given);
  const [joinType = "join__type", joinField = "join__field"] = ["type", "field"].map((name) =>
    links.directive(joinIdentity, name),
  );
  const { supergraph, required } = separateRequiredArguments(given, joinField);
  return {
    document: putResolvableKeysFirst(supergraph, joinType),
    required,
    reserved: new Set([...readKeyFields(given, links), ...readRequiredFields(given, links)]),
    graphs: new Map(readSubgraphs(given, links).map(({ name, graph }) => [name, graph])),
  };
}
