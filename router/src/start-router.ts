/** Puts the parts together. */
import type { SubgraphConnection } from "@tessera/shared-types";
import { OperationAccess } from "./access/operation-access.js";
import { RouterError } from "./errors/router-error.js";
import { createCallSubgraph } from "./execution/call-subgraph.js";
import { type Engine, startEngine } from "./execution/engine.js";
import { createLimitCheck, defaultLimits } from "./execution/limits.js";
import { OperationCache } from "./execution/operation-cache.js";
import { createCors } from "./http/cors.js";
import { createExplorer } from "./http/explorer.js";
import { createGraphqlRoute } from "./http/graphql-route.js";
import { HttpServer } from "./http/http-server.js";
import { createOperatorRoutes } from "./http/operator-routes.js";
import { createIdentify } from "./identity/identify.js";
import type { Router, RouterOptions } from "./options.js";
import { createPlanSubscription } from "./subscription/plan-subscription.js";
import { createSubscribe } from "./subscription/subscribe.js";
import { type LoadedSupergraph, loadSupergraph } from "./supergraph/load-supergraph.js";
import { attachSocketServer, type SocketServer } from "./websocket/socket-server.js";

/**
 * Serves a supergraph. The port is bound first, so a taken one fails at once; `/ready` says 503 until the rest stands.
 *
 * @throws when the port is taken (`EADDRINUSE`), the supergraph cannot be read, or a subgraph has no connection.
 */
export async function startRouter(options: RouterOptions): Promise<Router> {
  const { development = false, drainTimeoutMs = 10_000, explorer = development ? {} : false, telemetry } = options;
  const http = new HttpServer({
    cors: createCors(options),
    operators: createOperatorRoutes(options),
    explorer: explorer === false ? null : createExplorer(explorer),
    log: telemetry.log,
  });
  const port = await http.listen(options.port ?? 4000, options.host);
  try {
    const { engine, sockets } = await serveGraphql(options, http);
    http.phase = "ready";
    return {
      url: `http://${urlHost(options.host)}:${port}`,
      port,
      close: once(() => close(http, sockets, engine, drainTimeoutMs)),
    };
  } catch (error) {
    await http.drain(0);
    throw error;
  }
}

async function serveGraphql(
  options: RouterOptions,
  http: HttpServer,
): Promise<{ engine: Engine; sockets: SocketServer }> {
  const { telemetry, development = false, requestTimeoutMs = 10_000 } = options;
  const supergraph = loadSupergraph(options.supergraphSdl);
  const connections = byName(options.connections, supergraph);
  const limits = { ...defaultLimits, ...options.limits };
  const access = new OperationAccess(supergraph.apiSchema, supergraph.access);
  const call = createCallSubgraph(connections, telemetry);
  const limitBroken = createLimitCheck(limits);
  const identify = createIdentify(options);
  const { apiSchema: schema } = supergraph;

  const engine = await startEngine({
    ...{ supergraph, access, call, telemetry, development, limitBroken },
    maxTokens: limits.tokens,
  });
  http.graphql = createGraphqlRoute({ engine, identify, telemetry, limits, requestTimeoutMs });
  const plan = createPlanSubscription(supergraph);
  const subscribe = createSubscribe({ supergraph, access, plan, call, connections, telemetry, requestTimeoutMs });
  const operations = new OperationCache(schema, { maxTokens: limits.tokens, introspection: development });
  const sockets = attachSocketServer(http.server, {
    ...{ engine, subscribe, operations, limitBroken, telemetry, requestTimeoutMs, identify, limits, schema },
  });
  return { engine, sockets };
}

function byName(
  connections: readonly SubgraphConnection[],
  { subgraphNames }: LoadedSupergraph,
): ReadonlyMap<string, SubgraphConnection> {
  const known = new Map(connections.map((connection) => [connection.name, connection]));
  const missing = subgraphNames.filter((name) => !known.has(name));
  if (missing.length > 0) throw new RouterError("SUBGRAPH_NOT_CONNECTED", { names: missing.join(", ") });
  return known;
}

async function close(http: HttpServer, sockets: SocketServer, engine: Engine, drainTimeoutMs: number): Promise<void> {
  http.phase = "draining";
  await Promise.all([sockets.drain(drainTimeoutMs), http.drain(drainTimeoutMs)]);
  await engine.close();
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
