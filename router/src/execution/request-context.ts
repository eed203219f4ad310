/** What travels with one client operation through the router. */
import type { RequestFacts } from "@tessera/shared-types";

export interface RequestContext {
  readonly facts: RequestFacts;
  /** `Set-Cookie` values that subgraphs want on the answer. */
  readonly setCookie: string[];
  /** What the operation turned out to be; filled in as it runs. */
  readonly seen: {
    operationType: "query" | "mutation" | "subscription" | "unknown";
    failed: boolean;
    /** Its errors have the standard shape. */
    shaped: boolean;
  };
}

export function createRequestContext(facts: RequestFacts): RequestContext {
  return { facts, setCookie: [], seen: { operationType: "unknown", failed: false, shaped: false } };
}
