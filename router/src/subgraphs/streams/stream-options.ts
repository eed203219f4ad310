/** How subscriptions of one subgraph are read. */
import type { RequestContext } from "../../request/request-context.js";

/** How the router gets the events of one subgraph. */
export interface StreamOptions {
  /**
   * - `ws`: the graphql-transport-ws protocol.
   * - `sse`: the GraphQL over SSE protocol, one connection for each subscription.
   * - `callback`: the subgraph calls back over HTTP; needs a callback receiver.
   *
   * Default `ws`.
   */
  readonly protocol?: "ws" | "sse" | "callback";
  /** Where subscriptions go, if not where the other operations go. */
  readonly url?: string;
  /** Only the path differs. */
  readonly path?: string;
  /** Events of one subscription that may wait for a slow reader; more end it. Default 1,000. */
  readonly maxWaitingEvents?: number;
  /** Only `ws`. */
  readonly webSocket?: WebSocketOptions;
}

/** The socket that all subscriptions of one subgraph share. */
export interface WebSocketOptions {
  /**
   * Where a subgraph learns who asks.
   * - `operation`: in `extensions.headers` of each operation, so that one socket serves all clients. Tessera's subgraphs.
   * - `connection`: in the headers of the opening request and in `connection_init`, so that clients for whom the same is
   *   forwarded share a socket. Other subgraphs.
   */
  readonly identity?: "operation" | "connection";
  /** Payload of `connection_init`, besides the forwarded headers that `connection` puts into its `headers`. */
  readonly connectionParams?:
    | Readonly<Record<string, unknown>>
    | ((context: RequestContext) => Readonly<Record<string, unknown>>);
  /** Milliseconds between pings; a subgraph that does not answer one in `pongWithinMs` is gone. Default 12,000 and 5,000. */
  readonly pingEveryMs?: number;
  readonly pongWithinMs?: number;
  /**
   * How often a lost socket is opened again, with the same subscriptions. Events in between are lost, so by default none:
   * whoever reads is told.
   */
  readonly reconnectAttempts?: number;
}
