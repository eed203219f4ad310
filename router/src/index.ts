/** The federation router: composition, access, planning, execution, subscriptions. */
export { CompositionFailed, type CompositionProblem, type CompositionResult, compose } from "./composition/compose.js";
export {
  readSupergraphConfig,
  type SubgraphSource,
  type SupergraphConfig,
  writeSupergraphConfig,
} from "./composition/supergraph-config.js";
export { ConfigProblem } from "./config/config-problem.js";
export { openRouterFile, type RouterFile } from "./config/open-router-file.js";
export { RouterError } from "./errors/router-error.js";
export { composeHooks } from "./hooks/compose-hooks.js";
export { loadHooks } from "./hooks/load-hooks.js";
export type {
  OperationEvent,
  PlanEvent,
  RequestEvent,
  ResponseEvent,
  RouterHooks,
  SubscriptionEvent,
} from "./hooks/router-hooks.js";
export type { ExplorerOptions, Router, RouterOptions } from "./options.js";
export { startRouter } from "./start-router.js";
export { connectRemote, type RemoteOptions } from "./subgraphs/connect-remote.js";
export { type CallbackReceiver, createCallbackReceiver } from "./subgraphs/streams/callback-receiver.js";
export type { SubgraphRequestEvent, SubgraphResponseEvent } from "./subgraphs/subgraph-hooks.js";
