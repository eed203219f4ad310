/** The federation router: composition, access, planning, execution, subscriptions. */
export { CompositionFailed, type CompositionProblem, type CompositionResult, compose } from "./composition/compose.js";
export {
  readSupergraphConfig,
  type SubgraphSource,
  type SupergraphConfig,
  writeSupergraphConfig,
} from "./composition/supergraph-config.js";
export { RouterError } from "./errors/router-error.js";
export type { ExplorerOptions, Router, RouterOptions } from "./options.js";
export { connectRemote, type RemoteOptions } from "./subgraphs/connect-remote.js";
export { startRouter } from "./start-router.js";
