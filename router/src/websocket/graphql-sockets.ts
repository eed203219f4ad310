/**
 * GraphQL over WebSocket (graphql-transport-ws): queries, mutations, subscriptions, and answers in parts.
 * https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
 */
import type { IncomingMessage, Server } from "node:http";
import type { Log } from "@tessera/telemetry";
import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL, handleProtocols } from "graphql-ws";
import { type WebSocket, WebSocketServer } from "ws";
import type { StreamOptions } from "../http/streams.js";
import type { IdentifyClient } from "../request/client-request.js";
import { Deadlines } from "../request/deadlines.js";
import type { RunOperation } from "../request/outcome.js";
import { SocketConnection } from "./socket-connection.js";

export interface GraphqlSocketOptions {
  readonly run: RunOperation;
  /** Asked with what a client says in `connection_init`, and in `extensions.headers` of an operation. */
  readonly identify: IdentifyClient;
  readonly log: Log;
  /** Default `/graphql`. */
  readonly path?: string | undefined;
  /** Of one message. Default 12 MiB. */
  readonly bodyBytes?: number | undefined;
  /** Operations that run at the same time on one socket. */
  readonly operationsPerSocket: number;
  /** Of queries and mutations. Default 10,000. */
  readonly requestTimeoutMs?: number | undefined;
  /** Milliseconds between pings; a client that does not answer one is disconnected with 1013. Default 12,000. */
  readonly pingEveryMs?: number | undefined;
  /**
   * How long a client may take nothing of what waits for it. Then its streams end and the socket is closed with 1013
   * `SLOW_CONSUMER`; who has not read that after as long again is cut off. Default 10,000.
   */
  readonly stuckMs?: number | undefined;
  /** Told about open streams. */
  readonly activeStreams?: StreamOptions["active"];
  readonly clientAddress?: ((request: IncomingMessage) => string | undefined) | undefined;
}

/** What every connection of a server has in common. */
export interface ConnectionOptions extends GraphqlSocketOptions {
  readonly deadlines: Deadlines;
}

/** Asked for each operation: the configuration may change while a socket is open. */
export type CurrentOptions = () => ConnectionOptions;

export interface GraphqlSockets {
  /** Waits for running queries and mutations, at most `timeoutMs`, then closes every socket with 1001. */
  drain(timeoutMs: number): Promise<void>;
  /** For sockets and operations from now on. */
  configure(options: GraphqlSocketOptions): void;
}

export function attachGraphqlSockets(server: Server, options: GraphqlSocketOptions): GraphqlSockets {
  const { path = "/graphql", bodyBytes = defaultBytes, pingEveryMs = 12_000, stuckMs = 10_000 } = options;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: bodyBytes, handleProtocols });
  const connections = new Set<SocketConnection>();
  let shared = connectionOptions(options);

  server.on("upgrade", (request, socket, head) => {
    const isOurs = request.url === path || request.url?.startsWith(`${path}?`);
    if (!isOurs) return void socket.end("HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n");
    sockets.handleUpgrade(request, socket, head, (opened) => open(opened, request));
  });
  const pinging = setInterval(() => pingAll(connections), pingEveryMs).unref();
  const looking = setInterval(() => giveUpStuck(connections, stuckMs), Math.ceil(stuckMs / 10)).unref();

  function open(socket: WebSocket, request: IncomingMessage): void {
    if (socket.protocol !== GRAPHQL_TRANSPORT_WS_PROTOCOL) {
      return void socket.close(CloseCode.SubprotocolNotAcceptable, "Subprotocol not acceptable");
    }
    const connection = new SocketConnection(socket, request, () => shared);
    connections.add(connection);
    socket.once("close", () => connections.delete(connection));
  }

  return {
    configure(next) {
      shared = connectionOptions(next);
      sockets.options.maxPayload = next.bodyBytes ?? defaultBytes;
    },
    async drain(timeoutMs) {
      const answering = [...connections].flatMap((connection) => [...connection.answering]);
      await within(timeoutMs, Promise.allSettled(answering));
      clearInterval(pinging);
      clearInterval(looking);
      const closed = new Promise<void>((resolve) => sockets.close(() => resolve()));
      for (const socket of sockets.clients) socket.close(1001, "Going away");
      await within(Math.min(timeoutMs, 2_000), closed);
      for (const socket of sockets.clients) socket.terminate();
    },
  };
}

const defaultBytes = 12 * 1024 * 1024;

function connectionOptions(options: GraphqlSocketOptions): ConnectionOptions {
  return { ...options, deadlines: new Deadlines(options.requestTimeoutMs ?? 10_000) };
}

/** Who has not answered the last ping is told so, and cut off before the next one. */
function pingAll(connections: ReadonlySet<SocketConnection>): void {
  for (const connection of connections) {
    const { socket, isAlive, stuckFor } = connection;
    if (isAlive) {
      connection.isAlive = false;
      if (socket.readyState === socket.OPEN) socket.ping();
    } else if (socket.readyState === socket.OPEN) {
      // Who does not read cannot see a ping either, and is given up for that.
      if (stuckFor === 0) connection.giveUp("PING_NOT_ANSWERED");
    } else if (stuckFor === 0) {
      socket.terminate();
    }
  }
}

function giveUpStuck(connections: ReadonlySet<SocketConnection>, stuckMs: number): void {
  for (const connection of connections) {
    const { stuckFor, socket } = connection;
    if (stuckFor >= 2 * stuckMs) socket.terminate();
    else if (stuckFor >= stuckMs) connection.giveUp("SLOW_CONSUMER");
  }
}

async function within(timeoutMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
