/** One GraphQL operation against the supergraph, with the scopes the definition states. */
import type { StepContext } from "@tessera/subgraph";
import { askGraph } from "../ask-graph.js";

export interface Operation {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly scopes: readonly string[];
  readonly seconds: number;
}

/** @throws as `askGraph` */
export function runOperation(context: StepContext, { seconds, ...operation }: Operation): Promise<unknown> {
  return askGraph(context, { ...operation, signal: context.step.signal, timeoutMs: seconds * 1000 });
}
