/** A subgraph behind a socket: GraphQL over HTTP for requests, graphql-ws for subscriptions. */
import type { SubgraphConnection } from "@tessera/shared-types";
import { createPost } from "./post.js";
import { createSubscriptionSocket } from "./subscription-socket.js";

export interface RemoteOptions {
  readonly name: string;
  /** `http(s)://…/graphql`; subscriptions go to the same place with `ws(s):`. */
  readonly url: string;
  /** Events of one subscription that may wait for a slow reader; more end it. Default 1,000. */
  readonly maxWaitingEvents?: number;
}

/** Nothing is opened before the first request, so a subgraph may start later than the router. */
export function connectRemote({ name, url, maxWaitingEvents = 1_000 }: RemoteOptions): SubgraphConnection {
  const post = createPost(name, new URL(url));
  const socket = createSubscriptionSocket(name, url.replace(/^http/, "ws"), maxWaitingEvents);
  return {
    name,
    execute: post.execute,
    subscribe: socket.subscribe,
    async close() {
      post.close();
      await socket.close();
    },
  };
}
