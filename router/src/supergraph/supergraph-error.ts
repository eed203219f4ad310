/** Why a file cannot be served as a supergraph, and what to do about it. Meant for who runs the router. */
import { errorClass } from "@tessera/shared-types";

const table = {
  SUPERGRAPH_NOT_GRAPHQL: "The supergraph is not valid GraphQL: {reason}. Compose it again.",
  SUPERGRAPH_NOT_COMPOSED:
    "The schema names no subgraphs: it is not a supergraph. Give the file that composition wrote, " +
    "for example by `rover supergraph compose`, and not the schema of one subgraph.",
  SUPERGRAPH_OF_FEDERATION_1:
    "The supergraph was composed by Federation 1 (join {version}). Compose the same subgraphs with Federation 2: " +
    "it takes Federation 1 subgraphs as they are.",
  SUPERGRAPH_FEATURE_UNKNOWN:
    "The supergraph needs {feature} for {purpose}, which this router does not know. Update the router, or compose with " +
    "an earlier `federation_version`.",
  SUPERGRAPH_INVALID: "The supergraph is inconsistent: {reason}. Compose it again.",
} as const;

export class SupergraphError extends errorClass("SupergraphError", table) {}
