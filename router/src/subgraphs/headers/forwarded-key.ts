/**
 * Everything of a request that a subgraph gets to see besides the operation, as one text: requests with equal texts may
 * share an answer. Left out is what names the single request rather than says who asks: its id, its trace, its time left.
 */
import type { RequestContext } from "../../request/request-context.js";
import type { HeaderRules } from "./header-rules.js";
import { compileForwarded, type OutgoingHeaders } from "./request-headers.js";

const ofTheSingleRequest = new Set(["x-request-id", "traceparent", "tracestate", "x-tessera-deadline"]);

/** Who asks, and not what for. */
const ofThePerson = new Set([...ofTheSingleRequest, "authorization", "cookie", "user-agent", "x-forwarded-for"]);

export function keyOfHeaders(headers: OutgoingHeaders): string {
  return keyWithout(ofTheSingleRequest, headers);
}

function keyWithout(leftOut: ReadonlySet<string>, headers: OutgoingHeaders): string {
  let key = "";
  // With its length, no value can look like another header, whatever a hook has put there.
  for (const [name, value] of headers) if (!leftOut.has(name)) key += `${name}:${value.length}:${value}\n`;
  return key;
}

/** For what is the same for everybody: still not for every language, or whatever else is asked for by a header. */
export function createPublicKey(rules: HeaderRules): (context: RequestContext) => string {
  const write = compileForwarded(rules);
  return (context) => keyWithout(ofThePerson, write(context));
}

/** For all subgraphs of a plan at once: give the rules of each. Rules that are equal are looked at once. */
export function createForwardedKey(rules: Iterable<HeaderRules>): (context: RequestContext) => string {
  const distinct = new Map<string, HeaderRules>();
  for (const one of rules) distinct.set(JSON.stringify(one.request ?? []), one);
  const writers = [...distinct.values()].map(compileForwarded);
  return (context) => writers.map((write) => keyOfHeaders(write(context))).join("\n");
}
