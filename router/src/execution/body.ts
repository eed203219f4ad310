/** The body of a call over HTTP: a prefix that is the same for every request, then variables and representations. */
import { toLatin1 } from "../request/json-text.js";
import type { Representations, SubgraphCall, SubgraphOperation } from "../subgraphs/subgraph-call.js";
import { TextList } from "../subgraphs/text-list.js";

interface Prefix {
  /** Up to and with `"variables":{`. */
  readonly start: string;
  /** For each `_entities` field `"name":[`. */
  readonly lists: readonly string[];
}

const prefixes = new WeakMap<SubgraphOperation, Prefix>();

/** JSON of `{ query, operationName, variables }`, one character per byte. Representations have to be texts. */
export function bodyOf({ operation, variables, representations }: SubgraphCall): string {
  const { start, lists } = prefixes.get(operation) ?? prefixOf(operation);
  let body = start;
  let separator = "";
  for (let field = 0; field < lists.length; field++) {
    body += `${separator}${lists[field]}${joined(representations[field])}]`;
    separator = ",";
  }
  for (const name in variables) {
    const value = JSON.stringify(variables[name]);
    if (value === undefined) continue;
    body += `${separator}${JSON.stringify(name)}:${toLatin1(value)}`;
    separator = ",";
  }
  return `${body}}}`;
}

function joined(representations: Representations | undefined): string {
  return representations instanceof TextList ? representations.joined : "";
}

function prefixOf(operation: SubgraphOperation): Prefix {
  const { text, name, entities } = operation;
  const named = name === undefined ? "" : `"operationName":${JSON.stringify(name)},`;
  const prefix = {
    start: toLatin1(`{"query":${JSON.stringify(text)},${named}"variables":{`),
    lists: entities.map(({ variable }) => `${JSON.stringify(variable)}:[`),
  };
  prefixes.set(operation, prefix);
  return prefix;
}
