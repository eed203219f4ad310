/** What a GraphQL response looks like in text, and as a value. */
import type { SubgraphResult } from "@tessera/shared-types";
import { GraphQLError, type GraphQLFormattedError } from "graphql";
import { RouterError } from "../../errors/router-error.js";

export interface ResponseJson {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly GraphQLFormattedError[];
}

const openingBrace = 123;

/** Whether it may be a GraphQL response: a JSON object. Reading it is left to whoever needs its content. */
export function looksLikeObject(text: string): boolean {
  return text.charCodeAt(0) === openingBrace || /^\s*\{/.test(text);
}

/** @throws RouterError SUBGRAPH_INVALID_RESPONSE for anything that is not a GraphQL response. */
export function readResponse(text: string, subgraph: string): SubgraphResult {
  const answer = parsed(text);
  if (!isResponse(answer)) throw new RouterError("SUBGRAPH_INVALID_RESPONSE", { subgraph });
  return toResult(answer);
}

export function isResponse(value: unknown): value is ResponseJson {
  return typeof value === "object" && value !== null && ("data" in value || "errors" in value);
}

export function toResult({ data, errors }: ResponseJson): SubgraphResult {
  const known = errors?.map(
    ({ message, path, extensions }) =>
      new GraphQLError(message, { ...(path ? { path } : {}), ...(extensions ? { extensions } : {}) }),
  );
  return { ...(data === undefined ? {} : { data }), ...(known?.length ? { errors: known } : {}) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
