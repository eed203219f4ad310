/** From what the operator wrote to what the router is started with. */
import { isDeepStrictEqual } from "node:util";
import type { SubgraphConnection } from "@tessera/shared-types";
import type { Log, Telemetry } from "@tessera/telemetry";
import { loadHooks } from "../hooks/load-hooks.js";
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
  return {
    ...{ supergraphSdl, connections, telemetry },
    ...(await optionsOf(config, { callbacks, environment })),
    authentication: authenticationOf(config),
    errors: config.errors ?? "asGiven",
  };
}

export type SectionOptions = Omit<RouterOptions, "supergraphSdl" | "connections" | "telemetry">;

/** What the sections say, each by itself. Throws HooksProblem. */
export async function optionsOf(
  config: RouterConfig,
  { callbacks, environment }: Pick<Applying, "callbacks" | "environment">,
): Promise<SectionOptions> {
  const { server = {}, subscriptions: { heartbeatMs, callback: _, ...subscriptions } = {} } = config;
  const { development, introspection, planEndpoint, explorer, cors, csrf, batching, uploads, limits, cost, rateLimit } =
    config;
  const { authentication, authorization, persistedDocuments, execution, overrides, errors } = config;
  return {
    subscriptions,
    observability: withApolloKey(config.telemetry ?? {}, environment),
    hooks: config.hooks === undefined ? [] : [await loadHooks(config.hooks)],
    ...given({ development, introspection, planEndpoint, explorer, cors, csrf, batching, uploads, limits, cost }),
    ...given({ authentication, authorization, persistedDocuments, execution, overrides, errors, heartbeatMs }),
    ...given({
      callbacks,
      entityCache: config.cache?.entities,
      rateLimit: rateLimit === false ? undefined : rateLimit,
    }),
    ...given(server),
  };
}

export function openCallbacks({ subscriptions }: RouterConfig): CallbackReceiver | undefined {
  return subscriptions?.callback && createCallbackReceiver(subscriptions.callback);
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

/** What holds as long as the router runs, by the section it stands in; a reload takes over everything else. */
const fixed: { readonly [Name in keyof RouterConfig]?: readonly string[] } = {
  server: ["port", "host", "path", "tls"],
  supergraph: ["watch", "pollMs"],
  subscriptions: ["callback"],
  telemetry: ["metrics", "traces"],
};

/** Beside what the router runs with, however often the file has changed since; `whole` sections wait as well. */
export function warnOfRestart(
  log: Log,
  before: RouterConfig,
  after: RouterConfig,
  whole: readonly (keyof RouterConfig)[] = [],
): void {
  const sections = sectionsForRestart(before, after, whole);
  if (sections.length > 0) log.warn({ sections }, "These parts of the configuration wait for a restart.");
}

/** Names of what differs, such as `server.port`, and what a reload does not take over. */
function sectionsForRestart(
  before: RouterConfig,
  after: RouterConfig,
  whole: readonly (keyof RouterConfig)[],
): string[] {
  const changed = whole.filter((section) => !isDeepStrictEqual(before[section], after[section]));
  const parts = Object.entries(fixed).flatMap(([section, keys]) => {
    const [one, other] = [before, after].map((config) => entriesOf(config[section as keyof RouterConfig]));
    return keys.filter((key) => !isDeepStrictEqual(one?.[key], other?.[key])).map((key) => `${section}.${key}`);
  });
  return [...changed, ...parts];
}

function entriesOf(section: unknown): Readonly<Record<string, unknown>> {
  return typeof section === "object" && section !== null ? (section as Record<string, unknown>) : {};
}
