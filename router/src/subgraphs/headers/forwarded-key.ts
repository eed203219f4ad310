/**
 * Everything of a request that a subgraph gets to see besides the operation, as one text: requests with equal texts may
 * share an answer. Left out is what names the single request rather than says who asks: its id, its trace, its time left.
 */
import type { RequestContext } from "../../request/request-context.js";
import type { HeaderRules } from "./header-rules.js";
import { compileForwarded, type OutgoingHeaders } from "./request-headers.js";

const ofTheSingleRequest = new Set(["x-request-id", "traceparent", "tracestate", "x-tessera-deadline"]);

export function keyOfHeaders(headers: OutgoingHeaders): string {
  let key = "";
  // Values hold no line breaks, so no value can look like another header.
  for (const [name, value] of headers) if (!ofTheSingleRequest.has(name)) key += `${name}:${value}\n`;
  return key;
}

/** For all subgraphs of a plan at once: give the rules of each. Rules that are equal are looked at once. */
export function createForwardedKey(rules: Iterable<HeaderRules>): (context: RequestContext) => string {
  const distinct = new Map<string, HeaderRules>();
  for (const one of rules) distinct.set(JSON.stringify(one.request ?? []), one);
  const writers = [...distinct.values()].map(compileForwarded);
  return (context) => writers.map((write) => keyOfHeaders(write(context))).join("\n");
}
