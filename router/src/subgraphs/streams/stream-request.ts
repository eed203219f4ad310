/** What every protocol of streams needs of a request. */
import { createRequestContext, type RequestContext } from "../../request/request-context.js";
import type { StreamRequest } from "../subgraph-call.js";

export function contextOf({ context, facts }: StreamRequest): RequestContext {
  return context ?? createRequestContext(facts, {});
}

export function operationJson(
  { query, operationName, variables }: StreamRequest,
  extensions?: Readonly<Record<string, unknown>>,
): Buffer {
  return Buffer.from(JSON.stringify({ query, operationName, variables, extensions }));
}
