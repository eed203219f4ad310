import type { RouterConfig } from "./router-config.js";
import type { SubgraphConfig } from "./sections/subgraphs.js";

/** What stands under the subgraph's own name comes before what stands under `all`, key by key. */
export function configOf(name: string, { subgraphs = {} }: RouterConfig): SubgraphConfig {
  return { ...subgraphs.all, ...(name === "all" ? {} : subgraphs[name]) };
}
