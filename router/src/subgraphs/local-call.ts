/** Calls to a subgraph of this process: no body, no JSON, values in and out. */
import type { SubgraphConnection, SubgraphResult } from "@tessera/shared-types";
import { GraphQLError } from "graphql";
import type { SubgraphCall, ValueAnswer } from "./subgraph-call.js";
import { untilAborted } from "./wire/abort-watch.js";

/** Rejects when the subgraph does, or when the request is aborted first. */
export async function callLocally(connection: SubgraphConnection, call: SubgraphCall): Promise<ValueAnswer> {
  const { operation, context } = call;
  const { facts, head } = context;
  const { name } = operation;
  const request = { query: operation.text, variables: variablesOf(call), facts };
  const work = connection.execute(name === undefined ? request : { ...request, operationName: name });
  const result = await untilAborted(facts.signal, work);
  if (result.setCookie) head.setCookie.push(...result.setCookie);
  return answerOf(result, operation.subgraph);
}

/** Errors of a subgraph keep their code; one without is internal to it, and masked on the way to the client. */
export function asCoded(error: GraphQLError, subgraph: string): GraphQLError {
  const extensions = { code: "INTERNAL_SERVER_ERROR", module: subgraph, ...error.extensions };
  const path = Array.isArray(error.path) ? { path: error.path } : {};
  const cause = error.originalError ? { originalError: error.originalError } : {};
  return new GraphQLError(error.message, { ...path, ...cause, extensions });
}

function answerOf({ data, errors }: SubgraphResult, subgraph: string): ValueAnswer {
  if (!errors?.length) return { form: "value", data };
  return { form: "value", data, errors: errors.map((error) => asCoded(error, subgraph)) };
}

function variablesOf({ operation, variables, representations, files }: SubgraphCall): Record<string, unknown> {
  const all: Record<string, unknown> = { ...variables };
  operation.entities.forEach(({ variable }, at) => {
    all[variable] = representations[at] ?? [];
  });
  for (const { path, file } of files ?? []) place(all, path, file);
  return all;
}

/** Copies what lies on the way, because the variables belong to the client's operation. */
function place(target: Record<string, unknown>, path: readonly (string | number)[], file: unknown): void {
  let parent = target;
  path.forEach((key, at) => {
    if (at === path.length - 1) parent[key] = file;
    else {
      const child = parent[key];
      parent[key] = Array.isArray(child) ? [...child] : { ...(child as object) };
      parent = parent[key] as Record<string, unknown>;
    }
  });
}
