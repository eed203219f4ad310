/** What the router needs from whoever starts it. */
import type { Actor, SubgraphConnection } from "@tessera/shared-types";
import type { Telemetry } from "@tessera/telemetry";
import type { Limits } from "./execution/limits.js";

export interface RouterOptions {
  /** What `compose` returned. */
  readonly supergraphSdl: string;
  /** One for each subgraph of the supergraph, by name. The router does not close them. */
  readonly connections: readonly SubgraphConnection[];
  /** Turns an access token into the actor behind it; throws an error with a `code` such as `TOKEN_EXPIRED`. */
  readonly verifier: { verify(token: string): Promise<Actor> };
  /** Turns an `x-api-key` into an access token; rejects when the key is unknown or revoked. Answers are kept ≤ 60 s. */
  readonly exchangeApiKey?: (apiKey: string) => Promise<string>;
  readonly telemetry: Telemetry;
  /** 0 picks a free one. Default 4000. */
  readonly port?: number;
  /** Default: every interface. */
  readonly host?: string;
  /** Introspection, the explorer, and cross-origin requests from Apollo Studio and localhost. Default false. */
  readonly development?: boolean;
  /** After so long nobody waits for the answer any more. Default 10,000 ms. */
  readonly requestTimeoutMs?: number;
  readonly limits?: Partial<Limits>;
  readonly cors?: CorsOptions;
  /** `false` takes the explorer away. Default: on in development. */
  readonly explorer?: ExplorerOptions | false;
  /** The keys that other processes verify our access tokens with, served at `/.well-known/jwks.json`. */
  readonly jwks?: () => Promise<{ readonly keys: readonly object[] }>;
  /** How long `close` waits for running requests. Default 10,000 ms. */
  readonly drainTimeoutMs?: number;
}

export interface CorsOptions {
  /** Exact origins such as `https://app.example.com`. */
  readonly origins: readonly string[];
  /** Whether browsers may send cookies along. Default true. */
  readonly credentials?: boolean;
}

export interface ExplorerOptions {
  readonly title?: string;
  /** What a new tab of the explorer shows. */
  readonly defaultQuery?: string;
  /** JSON text the header editor starts with, such as `{ "authorization": "Bearer …" }`. */
  readonly defaultHeaders?: string;
}

export interface Router {
  /** `http://host:port`, without a path. */
  readonly url: string;
  readonly port: number;
  /** Stops accepting, lets running requests finish within `drainTimeoutMs`, closes sockets with code 1001. */
  close(): Promise<void>;
}
