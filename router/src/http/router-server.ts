/** The HTTP server: request ids, routes, and an end that lets running requests finish. */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { type Log, requestIdFrom } from "@tessera/telemetry";
import { RouterError } from "../errors/router-error.js";
import type { Cors } from "./cors.js";
import { type Exchange, openExchange } from "./exchange.js";
import { type Explorer, wantsPage } from "./explorer.js";
import type { GraphqlHandler } from "./graphql-handler.js";
import { OpenConnections } from "./open-connections.js";
import type { Phase } from "./operator-routes.js";
import { applyHead, type Route, routeFor } from "./routes.js";
import { createServerFor, type TlsFiles } from "./tls.js";
import { writeRefusal } from "./write-answer.js";

/** What a request meets first. It may change while the server listens. */
export interface Front {
  readonly cors: Cors;
  /** Asked in this order, for paths that are not GraphQL's. */
  readonly routes?: readonly Route[] | undefined;
  readonly explorer?: Explorer | null | undefined;
  /** How long a client may take to send a request: nobody waits longer for its answer. Default 10,000 ms. */
  readonly requestTimeoutMs?: number | undefined;
}

export interface RouterServerOptions extends Front {
  readonly log: Log;
  /** Where GraphQL is. Default `/graphql`. */
  readonly path?: string | undefined;
  readonly tls?: TlsFiles | undefined;
  /** How long an idle connection stays open: longer than a load balancer in front keeps it. Default 65,000 ms. */
  readonly keepAliveTimeoutMs?: number | undefined;
}

export class RouterServer {
  readonly server: Server;
  phase: Phase = "starting";
  /** Set once the supergraph can be asked. */
  graphql: GraphqlHandler | null = null;
  readonly #log: Log;
  #front: Front;
  readonly #path: string;
  readonly #connections: OpenConnections;

  constructor(options: RouterServerOptions) {
    const { keepAliveTimeoutMs = 65_000, requestTimeoutMs = 10_000 } = options;
    this.#log = options.log;
    this.#front = options;
    this.#path = options.path ?? "/graphql";
    const connections = {
      keepAlive: true,
      keepAliveTimeout: keepAliveTimeoutMs,
      requestTimeout: requestTimeoutMs,
      headersTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.min(requestTimeoutMs, 5_000),
    };
    this.server = createServerFor(connections, options.tls, (request, response) => this.#handle(request, response));
    this.#connections = new OpenConnections(this.server);
    this.server.on("upgrade", (_request, socket) => {
      if (this.phase === "starting") socket.end("HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\n");
    });
  }

  /** For requests from now on. */
  configure(front: Front): void {
    const { requestTimeoutMs = 10_000 } = front;
    this.#front = front;
    this.server.requestTimeout = requestTimeoutMs;
    this.server.headersTimeout = requestTimeoutMs;
  }

  /** @returns the port. @throws when it is taken (`EADDRINUSE`). */
  listen(port: number, host: string | undefined): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen(port, host, () => {
        this.server.off("error", reject);
        const address = this.server.address();
        resolve(typeof address === "object" && address ? address.port : port);
      });
    });
  }

  /** Takes no more connections, ends streams, and waits for running requests, at most `timeoutMs`. */
  async drain(timeoutMs: number): Promise<void> {
    this.phase = "draining";
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.#connections.closeWhenIdle();
    this.graphql?.endStreams();
    const cut = setTimeout(() => this.#connections.closeAll(), timeoutMs);
    await closed;
    clearTimeout(cut);
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const exchange = openExchange(request, response, requestIdFrom(request.headers["x-request-id"]));
    // A connection kept alive would keep a draining server from ending.
    if (this.phase === "draining") exchange.head.push("connection", "close");
    this.#connections.track(request.socket, response);
    if (this.#front.cors.answers(exchange)) return;
    if (exchange.path === this.#path && this.graphql && !this.#wantsExplorer(request)) {
      return void this.graphql.handle(exchange);
    }
    this.#route(exchange).catch((error) => writeRefusal(exchange, error, this.#log));
  }

  #wantsExplorer(request: IncomingMessage): boolean {
    return Boolean(this.#front.explorer) && wantsPage(request);
  }

  async #route(exchange: Exchange): Promise<void> {
    const { explorer, routes = [] } = this.#front;
    const { path, request, response, head } = exchange;
    if (path === this.#path) {
      if (!explorer || !wantsPage(request)) throw new RouterError("NOT_READY");
      applyHead(exchange);
      return explorer(request, response);
    }
    for (const route of routeFor(routes, path)) {
      if ((await route.handle(exchange, this.phase)) !== false) return;
    }
    if (path !== "/" || !wantsPage(request)) throw new RouterError("NOT_FOUND", { path });
    response.writeHead(302, [...head, "location", this.#path, "content-length", "0"]).end();
  }
}
