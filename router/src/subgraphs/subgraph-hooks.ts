/** What an extension may do around each call to a subgraph. A hook that throws fails the call. */
import { GraphQLError } from "graphql";
import type { ClientHeaders, RequestContext } from "../request/request-context.js";
import type { OutgoingHeaders } from "./headers/request-headers.js";
import type { SubgraphAnswer, SubgraphOperation } from "./subgraph-call.js";

export interface SubgraphHooks {
  onSubgraphRequest?(event: SubgraphRequestEvent): void | Promise<void>;
  onSubgraphResponse?(event: SubgraphResponseEvent): void | Promise<void>;
}

interface SubgraphEvent {
  readonly subgraph: string;
  readonly operation: SubgraphOperation;
  readonly context: RequestContext;
}

/** A call that is about to be made. */
export interface SubgraphRequestEvent extends SubgraphEvent {
  /** What will be sent, by lower-case name; what is set or deleted here counts. Empty, and unused, for a subgraph in this process. */
  readonly headers: OutgoingHeaders;
}

/** An answer that has just come. */
export interface SubgraphResponseEvent extends SubgraphEvent {
  readonly answer: SubgraphAnswer;
  /** Of the HTTP answer; absent for a subgraph in this process. */
  readonly status?: number;
  readonly headers?: ClientHeaders;
}

/** A `GraphQLError` is meant for the client. Anything else is a fault of the hook, and not of the subgraph. */
export async function runHook(hook: () => void | Promise<void>): Promise<void> {
  try {
    await hook();
  } catch (error) {
    if (error instanceof GraphQLError) throw error;
    const originalError = error instanceof Error ? error : new Error(String(error));
    throw new GraphQLError("A hook failed.", { originalError, extensions: { code: "INTERNAL_SERVER_ERROR" } });
  }
}
