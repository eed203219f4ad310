/**
 * The federation router, for programs that start it themselves: `startRouter`, what it takes, and what hooks and
 * subgraphs in front of it or behind it need.
 */

export type { AccessOptions } from "./access/access-plan.js";
export type { IntrospectionOption } from "./access/introspection.js";
export type { PolicyDecider, PolicyFacts, PolicyOptions } from "./access/policy-decider.js";
export type { EntityCacheRule } from "./caching/entity-cache.js";
export type { EntityCacheOptions } from "./caching/open-entity-cache.js";
export { CompositionFailed, type CompositionProblem, type CompositionResult, compose } from "./composition/compose.js";
export {
  readSupergraphConfig,
  type SubgraphSource,
  type SupergraphConfig,
  writeSupergraphConfig,
} from "./composition/supergraph-config.js";
export { ConfigProblem } from "./config/config-problem.js";
export { openRouterFile, type RouterFile } from "./config/open-router-file.js";
export type { PersistedDocumentOptions } from "./documents/persisted-documents.js";
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
export type { CorsOptions } from "./http/cors.js";
export type { Exchange } from "./http/exchange.js";
export type { Route } from "./http/routes.js";
export type { UploadOptions } from "./http/uploads/read-form.js";
export type { AuthenticationOptions, TokenVerifier } from "./identity/authentication.js";
export type { TelemetryConfig } from "./observability/telemetry-options.js";
export type { ExplorerOptions, Router, RouterOptions } from "./options.js";
export type { DecideLabels, OverrideConfig } from "./planning/overrides.js";
export type { CostOptions } from "./protection/cost/cost-control.js";
export type { LimitOptions } from "./protection/limits.js";
export { defaultTiers, type RateLimitOptions } from "./protection/rate-limiter.js";
export type { DirectAnswer, DirectRequest } from "./request/execute-directly.js";
export type { ClientAnswer, OperationRequest } from "./request/outcome.js";
export type { AnswerHead, CachePolicy, RequestContext } from "./request/request-context.js";
export { startRouter } from "./start-router.js";
export { connectRemote, type RemoteOptions } from "./subgraphs/connect-remote.js";
export type { HeaderRule, HeaderRules, ResponseHeaderRule } from "./subgraphs/headers/header-rules.js";
export { tesseraHeaders } from "./subgraphs/headers/tessera-headers.js";
export { type CallbackReceiver, createCallbackReceiver } from "./subgraphs/streams/callback-receiver.js";
export type { StreamOptions } from "./subgraphs/streams/stream-options.js";
export type { SubgraphRequestEvent, SubgraphResponseEvent } from "./subgraphs/subgraph-hooks.js";
export { type SignatureCheck, verifySignature } from "./subgraphs/traffic/sign.js";
export type { InstanceAddress, SubgraphTraffic } from "./subgraphs/traffic/subgraph-traffic.js";
export type { SubscriptionOptions } from "./subscription/subscriptions.js";
export type { Replaced } from "./supergraph/served-supergraph.js";
export type { ExecutionOptions, Supply } from "./supergraph/start-generation.js";
