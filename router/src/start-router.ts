/** Puts the parts together. */
import { type EntityCache, openEntityCache } from "./caching/open-entity-cache.js";
import { createFormatErrors } from "./errors/format-errors.js";
import { RouterError } from "./errors/router-error.js";
import { createClientAddress } from "./http/client-address.js";
import { createCors } from "./http/cors.js";
import { createExplorer } from "./http/explorer.js";
import { createGraphqlHandler } from "./http/graphql-handler.js";
import { createOperatorRoutes } from "./http/operator-routes.js";
import { RouterServer } from "./http/router-server.js";
import { operatorRoute } from "./http/routes.js";
import { readTlsFiles } from "./http/tls.js";
import { createIdentifyHeaders } from "./identity/identify.js";
import type { Router, RouterOptions } from "./options.js";
import { createLimitCheck, defaultLimits } from "./protection/limits.js";
import type { RequestContext } from "./request/request-context.js";
import { createRunOperation } from "./request/run-operation.js";
import { Subscriptions } from "./subscription/subscriptions.js";
import { ServedSupergraph } from "./supergraph/served-supergraph.js";
import { attachGraphqlSockets, type GraphqlSockets } from "./websocket/graphql-sockets.js";

/**
 * Serves a supergraph. The port is bound first, so a taken one fails at once; `/ready` says 503 until the rest stands.
 *
 * @throws when the port is taken (`EADDRINUSE`), the supergraph cannot be read, or a subgraph has no connection.
 */
export async function startRouter(options: RouterOptions): Promise<Router> {
  const { development = false, drainTimeoutMs = 10_000, explorer = development ? {} : false, telemetry, tls } = options;
  const server = new RouterServer({
    cors: createCors(options),
    routes: [operatorRoute(createOperatorRoutes(options))],
    explorer: explorer === false ? null : createExplorer(explorer),
    log: telemetry.log,
    path: options.path,
    tls: tls && (await readTlsFiles(tls)),
  });
  const port = await server.listen(options.port ?? 4000, options.host);
  try {
    const graph = await serveGraphql(options, server);
    server.phase = "ready";
    return {
      url: `${tls ? "https" : "http"}://${urlHost(options.host)}:${port}`,
      port,
      reload: (supply) => graph.supergraph.replace(supply),
      invalidateEntities: async (subgraph, tenantId) => graph.entityCache?.invalidate(subgraph, tenantId),
      close: once(() => close(server, graph, drainTimeoutMs)),
    };
  } catch (error) {
    await server.drain(0);
    throw error;
  }
}

interface ServedGraph {
  readonly supergraph: ServedSupergraph;
  readonly subscriptions: Subscriptions;
  readonly sockets: GraphqlSockets;
  readonly entityCache: EntityCache | null;
}

async function serveGraphql(options: RouterOptions, server: RouterServer): Promise<ServedGraph> {
  const { telemetry, development = false, execution = {}, authorization = {}, requestTimeoutMs = 10_000 } = options;
  const { log } = telemetry;
  const limits = { ...defaultLimits, ...options.limits };
  const formatErrors = createFormatErrors(options.errors ?? "uniform", log);
  const entityCache = options.entityCache ? await openEntityCache(options.entityCache, { log }) : null;

  const supergraph: ServedSupergraph = await ServedSupergraph.start(options, {
    telemetry,
    execution,
    maxTokens: limits.tokens,
    limitBroken: createLimitCheck(limits),
    introspection: options.introspection ?? development,
    access: authorization,
    policies: authorization.policies,
    overrides: options.overrides,
    decideOverrides: options.decideOverrides,
    hooks: undefined,
    readsAllHeaders: false,
    around: (call, connections) => entityCache?.around(call, connections) ?? call,
    onReplaced: (generation) => subscriptions.moveTo(generation),
  });
  const sharingKey = (context: RequestContext) => supergraph.sharingKey(context);
  const subscriptions = new Subscriptions({
    ...{ formatErrors, log, sharingKey },
    options: options.subscriptions ?? {},
    connection: (name) => supergraph.connection(name),
    eventTimeoutMs: requestTimeoutMs,
  });
  const run = createRunOperation({
    generation: () => supergraph.generation,
    textOf: ({ query }) => query ?? refuse("QUERY_MISSING"),
    sharingKey: (execution.shareInbound ?? true) ? sharingKey : () => null,
    formatErrors,
    openEvents: (prepared, asked, request) => subscriptions.open(prepared, asked, request),
    onRun: ({ operation, outcome, durationMs }) => {
      const isFailed = outcome === undefined || (outcome.kind === "single" && outcome.answer.errors?.length);
      const labels = { operation_type: operation?.kind ?? "unknown", outcome: isFailed ? "error" : "ok" };
      telemetry.metrics.requestDuration.observe(labels, durationMs / 1_000);
    },
  });
  const common = {
    ...{ run, log, requestTimeoutMs },
    identify: createIdentifyHeaders(options),
    bodyBytes: limits.bodyBytes,
    clientAddress: createClientAddress(options.trustedProxies),
  };
  const { batching, uploads, csrf, compression, heartbeatMs, path } = options;
  const active = telemetry.metrics.activeSubscriptions;
  const web = { batching, uploads, csrf, compression, heartbeatMs, activeStreams: active };
  server.graphql = createGraphqlHandler({ ...common, ...web });
  const { operationsPerSocket } = limits;
  const sockets = attachGraphqlSockets(server.server, { ...common, path, operationsPerSocket, active });
  return { supergraph, subscriptions, sockets, entityCache };
}

function refuse(code: "QUERY_MISSING"): never {
  throw new RouterError(code);
}

async function close(server: RouterServer, graph: ServedGraph, drainTimeoutMs: number): Promise<void> {
  server.phase = "draining";
  await Promise.all([graph.sockets.drain(drainTimeoutMs), server.drain(drainTimeoutMs)]);
  graph.subscriptions.close();
  await Promise.all([graph.supergraph.close(), graph.entityCache?.close()]);
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}

function urlHost(host: string | undefined): string {
  if (host === undefined || host === "0.0.0.0" || host === "::") return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}
