/** Clients of the router's WebSocket: the real protocol client, and a bare socket for what it would never do. */
import type { ExecutionResult } from "graphql";
import { type Client, createClient } from "graphql-ws";
import { WebSocket } from "ws";
import type { Router } from "../../src/index.js";

export function client(router: Router, connectionParams: Record<string, unknown> = {}): Client {
  return createClient({
    url: `${router.url.replace("http", "ws")}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams,
    retryAttempts: 0,
    lazyCloseTimeout: 0,
    onNonLazyError: () => {},
  });
}

/** The first `count` results of an operation; the rest is cancelled. */
export async function take(of: Client, query: string, count = 100, variables = {}): Promise<ExecutionResult[]> {
  const results: ExecutionResult[] = [];
  for await (const result of of.iterate<Record<string, unknown>>({ query, variables })) {
    results.push(result as ExecutionResult);
    if (results.length === count) break;
  }
  return results;
}

export interface RawSocket {
  send(message: object): void;
  readonly messages: { type: string; id?: string; payload?: unknown }[];
  closed(): Promise<[code: number, reason: string]>;
  readonly socket: WebSocket;
}

export async function rawSocket(router: Router): Promise<RawSocket> {
  const socket = new WebSocket(`${router.url.replace("http", "ws")}/graphql`, "graphql-transport-ws");
  const messages: RawSocket["messages"] = [];
  const closed = new Promise<[number, string]>((resolve) => {
    socket.once("close", (code, reason) => resolve([code, reason.toString()]));
  });
  socket.on("message", (text) => messages.push(JSON.parse(String(text))));
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  return { messages, socket, send: (message) => socket.send(JSON.stringify(message)), closed: () => closed };
}
