/** The HTTP server: request ids, routes, and an end that lets running requests finish. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type Log, requestIdFrom } from "@tessera/telemetry";
import { RouterError } from "../errors/router-error.js";
import { answerError } from "./answers.js";
import type { Cors } from "./cors.js";
import { type Explorer, wantsPage } from "./explorer.js";
import type { GraphqlRoute } from "./graphql-route.js";
import { OpenConnections } from "./open-connections.js";
import type { OperatorRoutes, Phase } from "./operator-routes.js";

export interface HttpServerOptions {
  readonly cors: Cors;
  readonly operators: OperatorRoutes;
  readonly explorer: Explorer | null;
  readonly log: Log;
}

export class HttpServer {
  readonly server: Server;
  phase: Phase = "starting";
  /** Set once the supergraph can be asked. */
  graphql: GraphqlRoute | null = null;
  readonly #options: HttpServerOptions;
  readonly #connections: OpenConnections;

  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.server = createServer((request, response) => void this.#handle(request, response));
    this.#connections = new OpenConnections(this.server);
    this.server.on("upgrade", (_request, socket) => {
      if (this.phase === "starting") socket.end("HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\n");
    });
  }

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

  /** Takes no more connections and waits for running requests, at most `timeoutMs`. */
  async drain(timeoutMs: number): Promise<void> {
    this.phase = "draining";
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.#connections.closeWhenIdle();
    const cut = setTimeout(() => this.#connections.closeAll(), timeoutMs);
    await closed;
    clearTimeout(cut);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = requestIdFrom(request.headers["x-request-id"]);
    response.setHeader("x-request-id", requestId);
    // A connection kept alive would keep a draining server from ending.
    if (this.phase === "draining") response.setHeader("connection", "close");
    this.#connections.track(request.socket, response);
    try {
      await this.#route(request, response, requestId);
    } catch (error) {
      answerError(response, error, requestId, this.#options.log);
      // What is left of a refused body is not read.
      if (!request.complete) response.once("finish", () => request.destroy());
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void> {
    const { cors, explorer, operators } = this.#options;
    const url = urlOf(request);
    if (cors.handle(request, response)) return;
    if (url.pathname === "/graphql") {
      const page = explorer && wantsPage(request);
      if (page) return explorer(request, response);
      if (!this.graphql) throw new RouterError("NOT_READY");
      return this.graphql({ request, response, requestId, url });
    }
    if (await operators(url.pathname, response, this.phase)) return;
    if (url.pathname === "/" && wantsPage(request)) return void response.writeHead(302, { location: "/graphql" }).end();
    throw new RouterError("NOT_FOUND", { path: url.pathname });
  }
}

/** The target of a request is a path, or a whole URL when it came through a proxy. */
function urlOf({ url: target = "/" }: IncomingMessage): URL {
  return new URL(target.startsWith("/") ? `http://router${target}` : "http://router/");
}
