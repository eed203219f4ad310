/**
 * Hosts a subgraph in a process of its own: GraphQL over HTTP through Apollo Server, subscriptions through graphql-ws.
 * Tokens are verified again here, so that a subgraph never trusts the network it is on.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";
import type { Subgraph } from "./define-subgraph.js";
import { Operations } from "./operations.js";
import type { Runtime } from "./runtime.js";
import { createHttpHandler } from "./serve-http.js";
import { socketOptions } from "./serve-socket.js";

export interface ServedSubgraph {
  readonly url: string;
  readonly port: number;
  /** Stops accepting, lets running requests finish, closes sockets. */
  close(): Promise<void>;
}

export interface ServeOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** Address to listen on; default 127.0.0.1. */
  readonly host?: string;
}

/** Milliseconds an idle connection stays open: longer than clients keep theirs, so that none is closed under a request. */
const keepAliveTimeout = 75_000;

/** Largest operation over a socket, in bytes: subscriptions carry no files. */
const largestMessage = 1024 * 1024;

export async function serveSubgraph(
  subgraph: Subgraph,
  runtime: Runtime,
  { port, host = "127.0.0.1" }: ServeOptions,
): Promise<ServedSubgraph> {
  const operations = new Operations(subgraph, runtime);
  const http = await createHttpHandler(subgraph, operations, runtime);
  const server = createServer({ keepAliveTimeout }, (request, response) => void http.handle(request, response));
  const sockets = new WebSocketServer({ server, path: "/graphql", maxPayload: largestMessage });
  const webSocket = useServer(socketOptions(operations, runtime), sockets);
  await listen(server, port, host);
  const bound = (server.address() as AddressInfo).port;
  const close = async () => {
    await webSocket.dispose();
    await closeServer(server);
    await http.close();
  };
  return { url: `http://${host}:${bound}/graphql`, port: bound, close };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}
