/** Whose requests may share one answer: those for which every subgraph sees the same, and access decides the same. */
import type { SubgraphConnection } from "@tessera/shared-types";
import { createForwardedKey } from "../subgraphs/headers/forwarded-key.js";
import { tesseraHeaders } from "../subgraphs/headers/tessera-headers.js";
import { isRemote } from "../subgraphs/subgraph-call.js";
import { actorRights } from "./actor-rights.js";
import type { RequestContext } from "./request-context.js";

/** Everything besides the operation and its variables that an answer may depend on, as one text. */
export type SharingKey = (context: RequestContext) => string;

/** With `allHeaders`, for extensions and decisions that may look at any of them, and at the address they came from. */
export function createSharingKey(connections: Iterable<SubgraphConnection>, allHeaders: boolean): SharingKey {
  const rules = [...connections].map((one) => (isRemote(one) ? one.headerRules : tesseraHeaders));
  const forwarded = createForwardedKey(rules);
  // A token has no white space, and JSON no line break, so none of these can look like another.
  const identity = (context: RequestContext) => `${context.facts.token ?? ""}\n${actorRights(context)}`;
  if (!allHeaders) return (context) => `${identity(context)}\n${forwarded(context)}`;
  return (context) => {
    const { clientHeaders, facts } = context;
    const seen = JSON.stringify([clientHeaders, facts.clientAddress, facts.cookie, facts.userAgent]);
    return `${identity(context)}\n${forwarded(context)}\n${seen}`;
  };
}
