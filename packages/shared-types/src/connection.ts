/**
 * The seam between the router and a subgraph. The router knows subgraphs only through this interface, so it does not
 * matter whether one runs in the same process or behind a socket.
 */
import type { ExecutionResult } from "graphql";
import type { Actor } from "./actor.js";

/** Facts about one client request that every hop needs. */
export interface RequestFacts {
  readonly requestId: string;
  /** Verified actor; `null` when the client did not say who it is. */
  readonly actor: Actor | null;
  /** The token behind `actor`, passed on where the subgraph runs elsewhere and verifies again. */
  readonly token?: string;
  /** Epoch milliseconds after which nobody waits for the answer any more. */
  readonly deadline: number;
  /** Aborted when the client goes away or the deadline passes. */
  readonly signal: AbortSignal;
  /** Raw `cookie` header, for the subgraph that owns sessions. */
  readonly cookie?: string;
  readonly clientAddress?: string;
  readonly userAgent?: string;
}

export interface SubgraphRequest {
  readonly query: string;
  readonly operationName?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly facts: RequestFacts;
}

export interface SubgraphResult extends ExecutionResult {
  /** `Set-Cookie` values the subgraph wants on the client's response. */
  readonly setCookie?: readonly string[];
}

export interface SubgraphConnection {
  readonly name: string;
  execute(request: SubgraphRequest): Promise<SubgraphResult>;
  /** One result per event. Ends when the subgraph ends it or `facts.signal` aborts; rejects if the operation is refused. */
  subscribe(request: SubgraphRequest): Promise<AsyncIterableIterator<SubgraphResult>>;
  close(): Promise<void>;
}
