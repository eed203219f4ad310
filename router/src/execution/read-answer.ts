/** An answer of a subgraph as a tree in the form of the execution, whatever form it came in. */
import type { GraphQLError, GraphQLFormattedError } from "graphql";
import { RouterError } from "../errors/router-error.js";
import { fromJson } from "../request/json-text.js";
import type { SubgraphAnswer } from "../subgraphs/subgraph-call.js";
import type { Reader } from "./text/read-answer.js";
import type { LeafForm, Tree } from "./text/tree.js";

export type SubgraphError = GraphQLError | GraphQLFormattedError;

export interface Brought {
  readonly data: Tree | null;
  readonly errors: readonly SubgraphError[];
}

const none: readonly SubgraphError[] = [];

export function readAnswer(answer: SubgraphAnswer, reader: Reader, form: LeafForm, subgraph: string): Brought {
  if (answer.form === "value") {
    const data = answer.data ?? null;
    const errors = answer.errors ?? none;
    if (!data && errors.length === 0) return invalid(subgraph);
    return { data: data && form === "text" ? reader.ingest(data) : data, errors };
  }
  if (form === "value") return readText(answer.text, subgraph);
  const { data, errors, isGraphQL } = reader(answer.text);
  if (!isGraphQL || (!data && !errors)) return invalid(subgraph);
  return { data: data ?? null, errors: errors ?? none };
}

/** In a plan of subgraphs of this process a text is the exception. */
function readText(text: string, subgraph: string): Brought {
  try {
    const { data = null, errors = none } = fromJson(text) as Partial<Brought>;
    return data || errors.length > 0 ? { data, errors } : invalid(subgraph);
  } catch {
    return invalid(subgraph);
  }
}

export function invalid(subgraph: string): Brought {
  return { data: null, errors: [new RouterError("SUBGRAPH_INVALID_RESPONSE", { subgraph })] };
}
