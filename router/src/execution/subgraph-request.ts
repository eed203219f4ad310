/** What a call hands to the layers that reach subgraphs. */
import { fromLatin1 } from "../request/json-text.js";
import type { SubgraphCall } from "../subgraphs/subgraph-call.js";
import type { TextList } from "../subgraphs/text-list.js";
import type { CompiledCall } from "./compiled-call.js";
import type { Execution } from "./executable.js";
import type { LeafForm } from "./text/tree.js";
import type { Wanted } from "./wanted.js";

export function requestOf(
  call: CompiledCall,
  execution: Execution,
  wanted: readonly Wanted[],
  form: LeafForm,
): SubgraphCall {
  const { context } = execution;
  const variables = variablesOf(call.variableNames, execution.variables);
  const representations = wanted.map((one) => (call.isLocal ? objectsOf(one.texts, form) : one.texts));
  const request = { operation: call.operation, variables, representations, context };
  const files = execution.files?.filter(({ path }) => call.variableNames.includes(String(path[0])));
  return files && files.length > 0 ? { ...request, files } : request;
}

const none: Readonly<Record<string, unknown>> = {};

export function variablesOf(
  names: readonly string[],
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  if (names.length === 0) return none;
  const variables: Record<string, unknown> = {};
  for (const name of names) if (given[name] !== undefined) variables[name] = given[name];
  return variables;
}

/** Representations for a subgraph of this process, as it would read them from a request. */
export function objectsOf({ joined }: TextList, form: LeafForm): unknown[] {
  return JSON.parse(`[${form === "text" ? fromLatin1(joined) : joined}]`) as unknown[];
}
