/** Puts the parts together. */
import { requestIdFrom } from "@tessera/telemetry";
import { createClientAddress } from "./http/client-address.js";
import { createCors } from "./http/cors.js";
import { createExplorer } from "./http/explorer.js";
import { createGraphqlHandler, type GraphqlHandlerOptions } from "./http/graphql-handler.js";
import { operatorRoute } from "./http/operator-routes.js";
import { createPlanRoute, type PlanRouteOptions } from "./http/plan-route.js";
import { type Front, RouterServer } from "./http/router-server.js";
import { callbackRoute, type Route } from "./http/routes.js";
import { readTlsFiles } from "./http/tls.js";
import { createIdentifyHeaders } from "./identity/identify.js";
import { usageRoute } from "./observability/usage-route.js";
import type { Router, RouterOptions } from "./options.js";
import { defaultLimits } from "./protection/limits.js";
import type { IdentifyClient } from "./request/client-request.js";
import {
  createExecuteDirectly,
  type DirectAnswer,
  type DirectRequest,
  type ExecuteDirectly,
} from "./request/execute-directly.js";
import { type Graph, isSameAuthentication, openGraph } from "./request/open-graph.js";
import type { Replaced } from "./supergraph/served-supergraph.js";
import { attachGraphqlSockets, type GraphqlSocketOptions, type GraphqlSockets } from "./websocket/graphql-sockets.js";

/**
 * Serves a supergraph. The port is bound first, so a taken one fails at once; `/ready` says 503 until the rest stands.
 *
 * @throws when the port is taken (`EADDRINUSE`), the supergraph cannot be read, or a subgraph has no connection.
 */
export async function startRouter(options: RouterOptions): Promise<Router> {
  const { path, telemetry, tls } = options;
  // Before it serves, the operators' routes alone are there.
  const server = new RouterServer({
    ...{ path, log: telemetry.log, tls: tls && (await readTlsFiles(tls)) },
    ...frontOf(options, routesOf(options)),
  });
  const port = await server.listen(options.port ?? 4000, options.host);
  try {
    const graph = await openGraph(options);
    const serving = new Serving(graph, server, options);
    server.phase = "ready";
    return {
      url: `${tls ? "https" : "http"}://${urlHost(options.host)}:${port}`,
      port,
      reload: (supply) => graph.reload(supply),
      reconfigure: (next) => serving.reconfigure(next),
      execute: (request) => serving.execute(request),
      invalidateEntities: async (subgraph, tenantId) => graph.entityCache?.invalidate(subgraph, tenantId),
      close: once(() => serving.close()),
    };
  } catch (error) {
    await server.drain(0);
    throw error;
  }
}

/** What is between a port and the graph behind it. The port, and whoever is connected, outlive a configuration. */
class Serving {
  readonly #graph: Graph;
  readonly #server: RouterServer;
  readonly #sockets: GraphqlSockets;
  #doors: Doors;

  constructor(graph: Graph, server: RouterServer, options: RouterOptions) {
    this.#graph = graph;
    this.#server = server;
    this.#doors = doorsOf(graph, options);
    server.configure(this.#doors.front);
    server.graphql = createGraphqlHandler(this.#doors.handler);
    this.#sockets = attachGraphqlSockets(server.server, this.#doors.sockets);
  }

  /** Everything is made before anything changes. */
  async reconfigure(given: RouterOptions): Promise<Replaced> {
    const { port, host, path, tls, telemetry, callbacks } = this.#doors.options;
    const { port: _, host: __, path: ___, tls: ____, callbacks: _____, ...taken } = given;
    const options = { ...taken, telemetry, ...present({ port, host, path, tls, callbacks }) } as RouterOptions;
    const doors = doorsOf(this.#graph, options, this.#doors);
    return this.#graph.replace(options, () => this.#open(doors));
  }

  execute(request: DirectRequest): Promise<DirectAnswer> {
    return this.#doors.direct(request, requestIdFrom(request.headers["x-request-id"]));
  }

  async close(): Promise<void> {
    const { drainTimeoutMs = 10_000 } = this.#doors.options;
    this.#server.phase = "draining";
    await Promise.all([this.#sockets.drain(drainTimeoutMs), this.#server.drain(drainTimeoutMs)]);
    await this.#graph.close();
  }

  #open(doors: Doors): void {
    this.#doors = doors;
    this.#server.configure(doors.front);
    this.#server.graphql?.configure(doors.handler);
    this.#sockets.configure(doors.sockets);
  }
}

/** The doors for clients, as one configuration wants them. */
interface Doors {
  readonly options: RouterOptions;
  readonly identify: IdentifyClient;
  readonly front: Front;
  readonly handler: GraphqlHandlerOptions;
  readonly sockets: GraphqlSocketOptions;
  readonly direct: ExecuteDirectly;
}

function doorsOf(graph: Graph, options: RouterOptions, before?: Doors): Doors {
  const { telemetry, requestTimeoutMs, batching, uploads, csrf, compression, heartbeatMs, path } = options;
  const { operationsPerSocket, bodyBytes } = { ...defaultLimits, ...options.limits };
  // Who is known stays known, unless the rules have changed.
  const isKept = before && isSameAuthentication(before.options, options);
  const identify = isKept ? before.identify : createIdentifyHeaders(options);
  const clientAddress = createClientAddress(options.trustedProxies);
  const common = {
    ...{ run: graph.run, log: telemetry.log, requestTimeoutMs, bodyBytes, identify, clientAddress },
    activeStreams: telemetry.metrics.activeSubscriptions,
  };
  const planRoute = planRouteOf(graph, options, { identify, clientAddress, bodyBytes });
  const usage = usageRoute(
    () => graph.observer,
    () => graph.supergraph.generation.apiSchema,
  );
  return {
    ...{ options, identify },
    front: frontOf(options, [...(planRoute ? [planRoute] : []), usage, ...routesOf(options)]),
    handler: { ...common, batching, uploads, csrf, compression, heartbeatMs },
    sockets: { ...common, path, operationsPerSocket },
    direct: createExecuteDirectly(common),
  };
}

function frontOf(options: RouterOptions, routes: readonly Route[]): Front {
  const { development = false, explorer = development ? {} : false, path, requestTimeoutMs } = options;
  return {
    ...{ routes, requestTimeoutMs, cors: createCors(options) },
    explorer: explorer === false ? null : createExplorer(explorer, path),
  };
}

function routesOf(options: RouterOptions): Route[] {
  const callbacks = options.callbacks ? [callbackRoute(options.callbacks)] : [];
  return [...(options.routes ?? []), ...callbacks, operatorRoute(options)];
}

function planRouteOf(
  { explain }: Graph,
  options: RouterOptions,
  common: Pick<PlanRouteOptions, "identify" | "clientAddress" | "bodyBytes">,
): Route | null {
  const { development = false, planEndpoint = development, path = "/graphql", requestTimeoutMs = 10_000 } = options;
  if (planEndpoint === false) return null;
  return createPlanRoute({ ...common, path, explain, shownTo: planEndpoint, timeoutMs: requestTimeoutMs });
}

/** Entries that say something. */
function present<Entries extends object>(entries: Entries): Partial<Entries> {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as Partial<Entries>;
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
