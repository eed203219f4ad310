/** Chooses the protocol of a subgraph's subscriptions. */
import type { RemoteOptions } from "../connect-remote.js";
import type { WriteHeaders } from "../headers/request-headers.js";
import { tesseraHeaders } from "../headers/tessera-headers.js";
import type { StreamSource } from "./stream-source.js";
import { createWebSocketSource } from "./websocket-stream.js";

export const defaultMaxWaitingEvents = 1_000;

export function openStreams(options: RemoteOptions, headersOf: WriteHeaders): StreamSource {
  const { name, headers = tesseraHeaders, traffic, subscriptions = {} } = options;
  const { maxWaitingEvents = defaultMaxWaitingEvents, webSocket } = subscriptions;
  return createWebSocketSource({
    identity: headers === tesseraHeaders ? "operation" : "connection",
    ...webSocket,
    subgraph: name,
    url: streamUrl(options).href.replace(/^http/, "ws"),
    maxWaitingEvents,
    headersOf,
    ...(traffic?.tls ? { tls: traffic.tls } : {}),
  });
}

export function streamUrl({ url, subscriptions }: RemoteOptions): URL {
  const target = new URL(subscriptions?.url ?? url);
  if (subscriptions?.path !== undefined) target.pathname = subscriptions.path;
  return target;
}
