/** A subgraph behind a socket: GraphQL over HTTP for requests, graphql-ws for subscriptions. */
import type { SubgraphConnection } from "@tessera/shared-types";

export interface RemoteOptions {
  readonly name: string;
  /** `http(s)://…/graphql`; subscriptions go to the same place with `ws(s):`. */
  readonly url: string;
}

export declare function connectRemote(options: RemoteOptions): SubgraphConnection;
