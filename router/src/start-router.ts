/** Puts the parts together. */
import { createClientAddress } from "./http/client-address.js";
import { createCors } from "./http/cors.js";
import { createExplorer } from "./http/explorer.js";
import { createGraphqlHandler } from "./http/graphql-handler.js";
import { createOperatorRoutes } from "./http/operator-routes.js";
import { createPlanRoute } from "./http/plan-route.js";
import { RouterServer } from "./http/router-server.js";
import { callbackRoute, operatorRoute, type Route } from "./http/routes.js";
import { readTlsFiles } from "./http/tls.js";
import { createIdentifyHeaders } from "./identity/identify.js";
import { usageRoute } from "./observability/usage-route.js";
import type { Router, RouterOptions } from "./options.js";
import { defaultLimits } from "./protection/limits.js";
import { type Graph, openGraph } from "./request/open-graph.js";
import { attachGraphqlSockets, type GraphqlSockets } from "./websocket/graphql-sockets.js";

/**
 * Serves a supergraph. The port is bound first, so a taken one fails at once; `/ready` says 503 until the rest stands.
 *
 * @throws when the port is taken (`EADDRINUSE`), the supergraph cannot be read, or a subgraph has no connection.
 */
export async function startRouter(options: RouterOptions): Promise<Router> {
  const { development = false, drainTimeoutMs = 10_000, explorer = development ? {} : false, telemetry, tls } = options;
  const callbacks = options.callbacks ? [callbackRoute(options.callbacks)] : [];
  const routes: Route[] = [...(options.routes ?? []), ...callbacks, operatorRoute(createOperatorRoutes(options))];
  const server = new RouterServer({
    cors: createCors(options),
    routes,
    explorer: explorer === false ? null : createExplorer(explorer, options.path),
    log: telemetry.log,
    path: options.path,
    requestTimeoutMs: options.requestTimeoutMs,
    tls: tls && (await readTlsFiles(tls)),
  });
  const port = await server.listen(options.port ?? 4000, options.host);
  try {
    const graph = await openGraph(options);
    const usage = usageRoute(graph.observer, () => graph.supergraph.generation.apiSchema);
    if (usage) routes.unshift(usage);
    const planRoute = openPlanRoute(graph, options);
    if (planRoute) routes.unshift(planRoute);
    const sockets = serve(graph, server, options);
    server.phase = "ready";
    return {
      url: `${tls ? "https" : "http"}://${urlHost(options.host)}:${port}`,
      port,
      reload: (supply) => graph.reload(supply),
      invalidateEntities: async (subgraph, tenantId) => graph.entityCache?.invalidate(subgraph, tenantId),
      close: once(() => close(server, sockets, graph, drainTimeoutMs)),
    };
  } catch (error) {
    await server.drain(0);
    throw error;
  }
}

function openPlanRoute({ explain }: Graph, options: RouterOptions): Route | null {
  const { development = false, planEndpoint = development, path = "/graphql", requestTimeoutMs = 10_000 } = options;
  if (planEndpoint === false) return null;
  return createPlanRoute({
    ...{ path, explain, shownTo: planEndpoint, timeoutMs: requestTimeoutMs },
    bodyBytes: options.limits?.bodyBytes ?? defaultLimits.bodyBytes,
    identify: createIdentifyHeaders(options),
    clientAddress: createClientAddress(options.trustedProxies),
  });
}

/** Opens the doors for clients. */
function serve({ run }: Graph, server: RouterServer, options: RouterOptions): GraphqlSockets {
  const { telemetry, requestTimeoutMs, batching, uploads, csrf, compression, heartbeatMs, path } = options;
  const { operationsPerSocket, bodyBytes } = { ...defaultLimits, ...options.limits };
  const common = {
    ...{ run, log: telemetry.log, requestTimeoutMs, bodyBytes },
    activeStreams: telemetry.metrics.activeSubscriptions,
    identify: createIdentifyHeaders(options),
    clientAddress: createClientAddress(options.trustedProxies),
  };
  const web = { batching, uploads, csrf, compression, heartbeatMs };
  server.graphql = createGraphqlHandler({ ...common, ...web });
  return attachGraphqlSockets(server.server, { ...common, path, operationsPerSocket });
}

async function close(
  server: RouterServer,
  sockets: GraphqlSockets,
  graph: Graph,
  drainTimeoutMs: number,
): Promise<void> {
  server.phase = "draining";
  await Promise.all([sockets.drain(drainTimeoutMs), server.drain(drainTimeoutMs)]);
  await graph.close();
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
