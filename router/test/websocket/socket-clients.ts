/** The real protocol client, and a bare socket for what it would never do. */
import type { ExecutionResult } from "graphql";
import { type Client, createClient } from "graphql-ws";
import { WebSocket } from "ws";
import type { Door } from "../http/door.js";

export function client({ socketUrl: url }: Door, connectionParams: Record<string, unknown> = {}): Client {
  const quiet = { retryAttempts: 0, lazyCloseTimeout: 0, onNonLazyError: () => {} };
  return createClient({ url, webSocketImpl: WebSocket, connectionParams, ...quiet });
}

/** The first `count` results of an operation; the rest is cancelled. */
export async function take(of: Client, query: string, count = 100, extensions = {}): Promise<ExecutionResult[]> {
  const results: ExecutionResult[] = [];
  for await (const result of of.iterate<Record<string, unknown>>({ query, extensions })) {
    results.push(result as ExecutionResult);
    if (results.length === count) break;
  }
  return results;
}

export interface RawSocket {
  send(message: object): void;
  readonly messages: { type: string; id?: string; payload?: unknown }[];
  /** Waits until a message has this type. */
  heard(type: string, id?: string): Promise<unknown>;
  readonly closed: Promise<[code: number, reason: string]>;
  readonly socket: WebSocket;
}

export async function rawSocket(
  { socketUrl }: Door,
  protocol: string | string[] = "graphql-transport-ws",
): Promise<RawSocket> {
  const socket = new WebSocket(socketUrl, protocol);
  const messages: RawSocket["messages"] = [];
  const closed = new Promise<[number, string]>((resolve) => {
    socket.once("close", (code, reason) => resolve([code, reason.toString()]));
  });
  const wanted = new Set<() => void>();
  socket.on("message", (text) => {
    messages.push(JSON.parse(String(text)));
    for (const check of wanted) check();
  });
  const heard = (type: string, id?: string) =>
    new Promise((resolve) => {
      const check = () => {
        const found = messages.find((message) => message.type === type && (id === undefined || message.id === id));
        if (!found) return;
        wanted.delete(check);
        resolve(found.payload);
      };
      wanted.add(check);
      check();
    });
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  return { messages, socket, heard, closed, send: (message) => socket.send(JSON.stringify(message)) };
}

export async function initiated(door: Door, payload: Record<string, unknown> = {}): Promise<RawSocket> {
  const raw = await rawSocket(door);
  raw.send({ type: "connection_init", payload });
  await Promise.race([raw.closed, raw.heard("connection_ack")]);
  return raw;
}
