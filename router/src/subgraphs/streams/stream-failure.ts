/** Why a stream ended early, in the router's words. */
import { GraphQLError, type GraphQLFormattedError } from "graphql";
import { RouterError } from "../../errors/router-error.js";
import { toResult } from "../wire/graphql-answer.js";

/** A refused operation comes as a list of GraphQL errors; anything else means that the connection is gone. */
export function streamFailure(error: unknown, subgraph: string): GraphQLError {
  if (error instanceof GraphQLError) return error;
  const [first] = toResult({ errors: Array.isArray(error) ? (error as GraphQLFormattedError[]) : [] }).errors ?? [];
  if (first) return first;
  const cause = error instanceof Error ? { originalError: error } : {};
  return new RouterError("SUBGRAPH_UNAVAILABLE", { subgraph }, cause);
}
