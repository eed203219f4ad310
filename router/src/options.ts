/** What the router needs from whoever starts it. Sections have the names and the meaning they have in `router.yaml`. */
import type { Telemetry } from "@tessera/telemetry";
import type { AccessOptions } from "./access/access-plan.js";
import type { IntrospectionOption } from "./access/introspection.js";
import type { PolicyOptions } from "./access/policy-decider.js";
import type { EntityCacheOptions } from "./caching/open-entity-cache.js";
import type { PersistedDocumentOptions } from "./documents/persisted-documents.js";
import type { RouterHooks } from "./hooks/router-hooks.js";
import type { BatchingOptions } from "./http/batch.js";
import type { CompressionOptions } from "./http/compression.js";
import type { CorsOptions } from "./http/cors.js";
import type { CsrfOptions } from "./http/csrf.js";
import type { Route } from "./http/routes.js";
import type { TlsOptions } from "./http/tls.js";
import type { UploadOptions } from "./http/uploads/read-form.js";
import type { AuthenticationOptions, TokenVerifier } from "./identity/authentication.js";
import type { TelemetryConfig } from "./observability/telemetry-options.js";
import type { DecideLabels, OverrideConfig } from "./planning/overrides.js";
import type { CostOptions } from "./protection/cost/cost-control.js";
import type { LimitOptions } from "./protection/limits.js";
import type { RateLimitOptions } from "./protection/rate-limiter.js";
import type { DirectAnswer, DirectRequest } from "./request/execute-directly.js";
import type { CallbackReceiver } from "./subgraphs/streams/callback-receiver.js";
import type { SubscriptionOptions } from "./subscription/subscriptions.js";
import type { Replaced } from "./supergraph/served-supergraph.js";
import type { ExecutionOptions, Supply } from "./supergraph/start-generation.js";

/** Everything `startRouter` takes. */
export interface RouterOptions extends Supply {
  readonly telemetry: Telemetry;
  /** Turns an access token into the actor behind it; throws an error with a `code` such as `TOKEN_EXPIRED`. */
  readonly verifier?: TokenVerifier;
  /** Turns an `x-api-key` into an access token; rejects when the key is unknown or revoked. Answers are kept ≤ 60 s. */
  readonly exchangeApiKey?: (apiKey: string) => Promise<string>;
  readonly authentication?: AuthenticationOptions;
  /** 0 picks a free one. Default 4000. */
  readonly port?: number;
  /** Default: every interface. */
  readonly host?: string;
  /** Where GraphQL is served. Default `/graphql`. */
  readonly path?: string;
  /** Introspection, the explorer, and cross-origin requests from Apollo Studio and localhost. Default false. */
  readonly development?: boolean;
  /** Default: for everybody in development, for nobody otherwise. */
  readonly introspection?: IntrospectionOption;
  /** Who may ask at `/graphql/plan` how an operation would be run. Default: everybody in development, nobody otherwise. */
  readonly planEndpoint?: IntrospectionOption;
  /** `false` takes the explorer away. Default: on in development. */
  readonly explorer?: ExplorerOptions | false;
  /** After so long nobody waits for the answer any more. Default 10,000 ms. */
  readonly requestTimeoutMs?: number;
  /** How long `close` waits for running requests. Default 10,000 ms. */
  readonly drainTimeoutMs?: number;
  readonly limits?: Partial<LimitOptions>;
  readonly cors?: CorsOptions;
  readonly csrf?: CsrfOptions | false;
  readonly batching?: BatchingOptions | false;
  readonly uploads?: UploadOptions | false;
  readonly compression?: CompressionOptions | false;
  readonly tls?: TlsOptions;
  /** Addresses and ranges of proxies whose `x-forwarded-for` is believed. Default none. */
  readonly trustedProxies?: readonly string[];
  /** Silence on a stream after which a sign of life is sent. Default 12,000 ms. */
  readonly heartbeatMs?: number;
  readonly authorization?: AccessOptions & { readonly policies?: PolicyOptions };
  readonly execution?: ExecutionOptions;
  readonly overrides?: OverrideConfig;
  readonly decideOverrides?: DecideLabels;
  readonly subscriptions?: SubscriptionOptions;
  /** The receiver that connections with subscriptions by callback were opened with. The router serves its path. */
  readonly callbacks?: CallbackReceiver;
  readonly persistedDocuments?: PersistedDocumentOptions;
  /** Default: nobody is counted. */
  readonly rateLimit?: RateLimitOptions;
  readonly cost?: CostOptions;
  readonly observability?: TelemetryConfig;
  /** In this order. */
  readonly hooks?: readonly RouterHooks[];
  /** Served besides GraphQL, before the routes of the router itself. */
  readonly routes?: readonly Route[];
  readonly entityCache?: EntityCacheOptions;
  /**
   * `uniform`: every error has `code`, `module`, `requestId`, `timestamp` and `details`, and what has no code is masked
   * and logged. `asGiven`: errors of subgraphs go to clients as they came. Default `uniform`.
   */
  readonly errors?: "uniform" | "asGiven";
  /** The keys that other processes verify our access tokens with, served at `/.well-known/jwks.json`. */
  readonly jwks?: () => Promise<{ readonly keys: readonly object[] }>;
}

/** The page a browser gets where GraphQL is served. */
export interface ExplorerOptions {
  readonly title?: string;
  /** What a new tab of the explorer shows. */
  readonly defaultQuery?: string;
  /** JSON text the header editor starts with, such as `{ "authorization": "Bearer …" }`. */
  readonly defaultHeaders?: string;
}

/** A router that serves. */
export interface Router {
  /** `http://host:port`, without a path. */
  readonly url: string;
  readonly port: number;
  /**
   * Serves another supergraph from now on: requests that run finish on the old one, subscriptions go on where they mean
   * the same, and the most used operations are planned before the switch. What served before goes on when this rejects.
   */
  reload(supply: Supply): Promise<Replaced>;
  /**
   * The same with everything else that may be said about a router that serves. What cannot change while the port is bound
   * stays as it was: `port`, `host`, `path`, `tls`, `telemetry`, `callbacks`, and of `observability` metrics and traces.
   * Requests are counted on where their section has not changed.
   */
  reconfigure(options: RouterOptions): Promise<Replaced>;
  /** What a POST of the same content would be answered, for programs in this process. Never rejects. */
  execute(request: DirectRequest): Promise<DirectAnswer>;
  /** What cached entities of a subgraph and tenant were made of has changed. Without a tenant: of all tenants. */
  invalidateEntities(subgraph: string, tenantId: string | null): Promise<void>;
  /** Stops accepting, lets running requests finish within `drainTimeoutMs`, closes sockets with code 1001. */
  close(): Promise<void>;
}
