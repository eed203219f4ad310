/** A supergraph, read once: what clients may ask (its API schema), who may ask it, and how it is planned. */
import { Supergraph } from "@apollo/federation-internals";
import { QueryPlanner } from "@apollo/query-planner";
import { type GraphQLSchema, parse, print } from "graphql";
import { type AccessMap, readAccessMap } from "../access/access-map.js";
import { findSecurityDirectives, withoutSecurity } from "./security-directives.js";

export interface LoadedSupergraph {
  /** Without access directives: what planners take. */
  readonly sdl: string;
  readonly access: AccessMap;
  /** What clients see: no federation directives, nothing inaccessible. */
  readonly apiSchema: GraphQLSchema;
  readonly subgraphNames: readonly string[];
  /** Built when it is first needed, and once. */
  planning(): Planning;
}

export interface Planning {
  readonly planner: QueryPlanner;
  /** The API schema in the planner's own form. */
  readonly apiSchema: ReturnType<Supergraph["apiSchema"]>;
}

export function loadSupergraph(supergraphSdl: string): LoadedSupergraph {
  const document = parse(supergraphSdl, { noLocation: true });
  const directives = findSecurityDirectives(document);
  const sdl = print(withoutSecurity(document, directives));
  const supergraph = Supergraph.build(sdl, { validateSupergraph: false });
  const apiSchema = supergraph.apiSchema();
  let planning: Planning | undefined;
  return {
    sdl,
    access: readAccessMap(document, directives),
    apiSchema: apiSchema.toGraphQLJSSchema(),
    subgraphNames: supergraph.subgraphsMetadata().map(({ name }) => name),
    planning: () => {
      planning ??= { planner: new QueryPlanner(supergraph), apiSchema };
      return planning;
    },
  };
}
