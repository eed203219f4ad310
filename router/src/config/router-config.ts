/** Everything router.yaml can say. A key that is absent has the default its description in the schema states. */
import type { ExecutionConfig } from "./sections/execution.js";
import type { HeadersConfig } from "./sections/headers.js";
import type { CostConfig, LimitsConfig } from "./sections/limits.js";
import type { ServerConfig } from "./sections/server.js";
import type { SubgraphsConfig } from "./sections/subgraphs.js";
import type { SupergraphSource } from "./sections/supergraph.js";
import type {
  BatchingConfig,
  CorsConfig,
  CsrfConfig,
  ExplorerConfig,
  RolesConfig,
  UploadsConfig,
} from "./sections/web.js";

export interface RouterConfig {
  readonly server?: ServerConfig;
  readonly supergraph?: SupergraphSource;
  readonly development?: boolean;
  readonly introspection?: boolean | RolesConfig;
  readonly explorer?: ExplorerConfig | false;
  readonly cors?: CorsConfig;
  readonly csrf?: CsrfConfig | false;
  readonly batching?: BatchingConfig | false;
  readonly uploads?: UploadsConfig | false;
  readonly limits?: LimitsConfig;
  readonly cost?: CostConfig;
  readonly headers?: HeadersConfig;
  readonly subgraphs?: SubgraphsConfig;
  readonly execution?: ExecutionConfig;
  readonly overrides?: Readonly<Record<string, boolean | number>>;
  readonly hooks?: string;
}
