/** From what the operator wrote to what the router is started with. */
import type { SubgraphConnection } from "@tessera/shared-types";
import type { Telemetry } from "@tessera/telemetry";
import { loadHooks } from "../hooks/load-hooks.js";
import type { Exchange } from "../http/exchange.js";
import { applyHead, type Route } from "../http/routes.js";
import type { AuthenticationOptions } from "../identity/authentication.js";
import type { TelemetryConfig } from "../observability/telemetry-options.js";
import type { RouterOptions } from "../options.js";
import { type CallbackReceiver, createCallbackReceiver } from "../subgraphs/streams/callback-receiver.js";
import type { Environment } from "./expand-environment.js";
import { given } from "./given.js";
import type { RouterConfig } from "./router-config.js";

export interface Applying {
  readonly config: RouterConfig;
  readonly supergraphSdl: string;
  readonly connections: readonly SubgraphConnection[];
  readonly callbacks: CallbackReceiver | undefined;
  readonly telemetry: Telemetry;
  readonly environment: Environment;
}

/** @throws HooksProblem */
export async function routerOptions(applying: Applying): Promise<RouterOptions> {
  const { config, supergraphSdl, connections, callbacks, telemetry, environment } = applying;
  const { server = {}, subscriptions: { heartbeatMs, callback: _, ...subscriptions } = {} } = config;
  const { development, introspection, explorer, cors, csrf, batching, uploads, limits, cost, rateLimit } = config;
  const { authorization, persistedDocuments, execution, overrides } = config;
  return {
    ...{ supergraphSdl, connections, telemetry, subscriptions },
    authentication: authenticationOf(config),
    observability: withApolloKey(config.telemetry ?? {}, environment),
    errors: config.errors ?? "asGiven",
    routes: callbackRoutes(config, callbacks),
    hooks: config.hooks === undefined ? [] : [await loadHooks(config.hooks)],
    ...given({ development, introspection, explorer, cors, csrf, batching, uploads, limits, cost, rateLimit }),
    ...given({ authorization, persistedDocuments, execution, overrides, heartbeatMs }),
    ...given({ entityCache: config.cache?.entities }),
    ...given(server),
  };
}

export function openCallbacks({ subscriptions }: RouterConfig): CallbackReceiver | undefined {
  return subscriptions?.callback && createCallbackReceiver(subscriptions.callback);
}

function callbackRoutes({ subscriptions }: RouterConfig, callbacks: CallbackReceiver | undefined): Route[] {
  const { callback } = subscriptions ?? {};
  if (!callback || !callbacks) return [];
  const handle = (exchange: Exchange) => {
    applyHead(exchange);
    return callbacks.handle(exchange.request, exchange.response);
  };
  return [{ path: callback.path ?? new URL(callback.publicUrl).pathname, handle }];
}

/**
 * Who is not asked for tokens or keys looks at none: in front of subgraphs that verify them themselves, they are headers
 * like any other, which rules pass on.
 */
function authenticationOf({ authentication = {} }: RouterConfig): AuthenticationOptions {
  return {
    ...authentication,
    jwt: authentication.jwt ?? { issuers: [], sources: [] },
    ...(authentication.apiKeys ? {} : { apiKeyHeader: "" }),
  };
}

function withApolloKey(telemetry: TelemetryConfig, { APOLLO_KEY: key, APOLLO_GRAPH_REF: graphRef }: Environment) {
  if (telemetry.apollo !== undefined || !key || !graphRef) return telemetry;
  return { ...telemetry, apollo: { key, graphRef } };
}

/** Sections a reload takes over; a change of any other one needs a restart. */
const reloaded: ReadonlySet<string> = new Set<keyof RouterConfig>(["subgraphs", "headers", "supergraph"]);

/** Names of sections that differ, and that a reload does not take over. */
export function sectionsForRestart(before: RouterConfig, after: RouterConfig): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof RouterConfig>;
  return [...names].filter(
    (name) => !reloaded.has(name) && JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
}
