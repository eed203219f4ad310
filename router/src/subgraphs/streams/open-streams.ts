/** Chooses the protocol of a subgraph's subscriptions. */
import type { RemoteOptions } from "../connect-remote.js";
import type { WriteHeaders } from "../headers/request-headers.js";
import { tesseraHeaders } from "../headers/tessera-headers.js";
import type { Traffic } from "../traffic/open-traffic.js";
import type { StreamOptions } from "./stream-options.js";
import type { StreamSource } from "./stream-source.js";
import { createWebSocketSource } from "./websocket-stream.js";

export const defaultMaxWaitingEvents = 1_000;

export interface StreamParts {
  readonly traffic: Traffic;
  readonly headersFor: WriteHeaders;
}

export function openStreams(options: RemoteOptions, { traffic, headersFor }: StreamParts): StreamSource {
  const { name, headers = tesseraHeaders, subscriptions = {} } = options;
  const { maxWaitingEvents = defaultMaxWaitingEvents, webSocket } = subscriptions;
  return createWebSocketSource({
    identity: headers === tesseraHeaders ? "operation" : "connection",
    ...webSocket,
    subgraph: name,
    urlOf: () => streamUrl(traffic, subscriptions).href.replace(/^http/, "ws"),
    maxWaitingEvents,
    headersOf: headersFor,
    ...(options.traffic?.tls ? { tls: options.traffic.tls } : {}),
  });
}

/** Where the next stream opens: at a place of its own, or at an instance that is well. */
function streamUrl(traffic: Traffic, { url, path }: StreamOptions): URL {
  const target = new URL(url ?? traffic.instance().url);
  if (path !== undefined) target.pathname = path;
  return target;
}
