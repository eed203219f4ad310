/** One GraphQL operation against the supergraph, with the scopes the definition states. An error anywhere fails it. */

import type { StepContext } from "@tessera/subgraph";
import { errors } from "../../errors.js";

export interface Operation {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly scopes: readonly string[];
  readonly seconds: number;
}

/** @throws the first error with its own code, or GRAPH_… when nothing could be asked */
export async function runOperation(context: StepContext, { seconds, ...operation }: Operation): Promise<unknown> {
  const { data, errors: refused } = await context.graph.execute({
    ...operation,
    signal: context.step.signal,
    timeoutMs: seconds * 1000,
  });
  const [first] = refused ?? [];
  if (!first) return data;
  const code = typeof first.extensions?.code === "string" ? first.extensions.code : "OPERATION_FAILED";
  const details = { path: first.path ?? [], reason: first.message };
  throw Object.assign(errors.OPERATION_FAILED(details), { code });
}
