/** Chooses the protocol of a subgraph's subscriptions. */
import type { RemoteOptions } from "../connect-remote.js";
import type { WriteHeaders } from "../headers/request-headers.js";
import { tesseraHeaders } from "../headers/tessera-headers.js";
import type { Traffic } from "../traffic/open-traffic.js";
import { defaultMaxAnswerBytes } from "../traffic/subgraph-traffic.js";
import { createCallbackSource } from "./callback-stream.js";
import { createSseSource } from "./sse-stream.js";
import type { StreamOptions } from "./stream-options.js";
import type { StreamSource } from "./stream-source.js";
import { createWebSocketSource } from "./websocket-stream.js";

export const defaultMaxWaitingEvents = 1_000;

export interface StreamParts {
  readonly traffic: Traffic;
  readonly headersFor: WriteHeaders;
}

export function openStreams(options: RemoteOptions, parts: StreamParts): StreamSource {
  const { name, subscriptions = {}, traffic = {} } = options;
  const { protocol = "ws", maxWaitingEvents = defaultMaxWaitingEvents } = subscriptions;
  const common = { subgraph: name, maxWaitingEvents, headersOf: parts.headersFor };
  const urlOf = () => streamUrl(parts.traffic, subscriptions);
  if (protocol === "callback") {
    const { callbacks: receiver } = options;
    if (!receiver) throw new Error(`Subscriptions of ${name} by callbacks need a callback receiver.`);
    return createCallbackSource({ ...common, receiver, send: parts.traffic.send });
  }
  if (protocol === "sse") {
    const maxEventBytes = traffic.maxAnswerBytes ?? defaultMaxAnswerBytes;
    return createSseSource({ ...common, urlOf, maxEventBytes, connection: traffic, sign: parts.traffic.sign });
  }
  return createWebSocketSource({
    identity: (options.headers ?? tesseraHeaders) === tesseraHeaders ? "operation" : "connection",
    ...subscriptions.webSocket,
    ...common,
    urlOf: () => urlOf().href.replace(/^http/, "ws"),
    ...(traffic.tls ? { tls: traffic.tls } : {}),
  });
}

/** Where the next stream opens: at a place of its own, or at an instance that is well. */
function streamUrl(traffic: Traffic, { url, path }: StreamOptions): URL {
  const target = new URL(url ?? traffic.instance().url);
  if (path !== undefined) target.pathname = path;
  return target;
}
