/** Everything router.yaml can say. A key that is absent has the default its description in the schema states. */
import type { IntrospectionOption } from "../access/introspection.js";
import type { PersistedDocumentOptions } from "../documents/persisted-documents.js";
import type { BatchingOptions } from "../http/batch.js";
import type { CorsOptions } from "../http/cors.js";
import type { CsrfOptions } from "../http/csrf.js";
import type { UploadOptions } from "../http/uploads/read-form.js";
import type { AuthenticationOptions } from "../identity/authentication.js";
import type { TelemetryConfig } from "../observability/telemetry-options.js";
import type { ExplorerOptions } from "../options.js";
import type { OverrideConfig } from "../planning/overrides.js";
import type { CostOptions } from "../protection/cost/cost-control.js";
import type { LimitOptions } from "../protection/limits.js";
import type { RateLimitOptions } from "../protection/rate-limiter.js";
import type { HeadersConfig } from "../subgraphs/headers/header-rules.js";
import type { ExecutionOptions } from "../supergraph/start-generation.js";
import type { CacheConfig } from "./sections/cache.js";
import type { AuthorizationConfig } from "./sections/identity.js";
import type { ServerConfig } from "./sections/server.js";
import type { SubgraphsConfig } from "./sections/subgraphs.js";
import type { SubscriptionsConfig } from "./sections/subscriptions.js";
import type { SupergraphSource } from "./sections/supergraph.js";

export interface RouterConfig {
  readonly server?: ServerConfig;
  readonly supergraph?: SupergraphSource;
  readonly development?: boolean;
  readonly introspection?: IntrospectionOption;
  readonly explorer?: ExplorerOptions | false;
  readonly cors?: CorsOptions;
  readonly csrf?: CsrfOptions | false;
  readonly batching?: BatchingOptions | false;
  readonly uploads?: UploadOptions | false;
  readonly limits?: Partial<LimitOptions>;
  readonly cost?: CostOptions;
  readonly rateLimit?: RateLimitOptions | false;
  readonly authentication?: AuthenticationOptions;
  readonly authorization?: AuthorizationConfig;
  readonly persistedDocuments?: PersistedDocumentOptions;
  readonly headers?: HeadersConfig;
  readonly subgraphs?: SubgraphsConfig;
  readonly execution?: ExecutionOptions;
  readonly overrides?: OverrideConfig;
  readonly subscriptions?: SubscriptionsConfig;
  readonly cache?: CacheConfig;
  readonly telemetry?: TelemetryConfig;
  readonly errors?: "uniform" | "asGiven";
  readonly hooks?: string;
}
