/** Hosts a subgraph in the router's own process: same schema, same rules, no socket. */
import type { SubgraphConnection } from "@tessera/shared-types";
import type { Subgraph } from "./define-subgraph.js";
import { Operations } from "./operations.js";
import type { Runtime } from "./runtime.js";

/** A connection whose requests are executed here. `close` has nothing to do: the runtime belongs to the caller. */
export function hostInProcess(subgraph: Subgraph, runtime: Runtime): SubgraphConnection {
  const operations = new Operations(subgraph, runtime);
  return {
    name: subgraph.name,
    execute: (request) => operations.execute(request),
    subscribe: (request) => operations.subscribe(request),
    close: async () => {},
  };
}
