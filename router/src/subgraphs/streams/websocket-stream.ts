/** Subscriptions over the graphql-transport-ws protocol, many on one socket. */
import type { SubgraphResult } from "@tessera/shared-types";
import { type Client, createClient, type SubscribePayload } from "graphql-ws";
import { WebSocket } from "ws";
import { keyOfHeaders } from "../headers/forwarded-key.js";
import type { OutgoingHeaders, WriteHeaders } from "../headers/request-headers.js";
import type { StreamRequest } from "../subgraph-call.js";
import { type ResponseJson, toResult } from "../wire/graphql-answer.js";
import type { TlsOptions } from "../wire/instance-pool.js";
import { openEvents } from "./open-events.js";
import { streamFailure } from "./stream-failure.js";
import type { WebSocketOptions } from "./stream-options.js";
import { contextOf } from "./stream-request.js";
import type { OpenStream, StreamSource } from "./stream-source.js";

export interface WebSocketSourceOptions extends WebSocketOptions {
  readonly subgraph: string;
  /** Where the next socket opens. */
  readonly urlOf: () => string;
  readonly maxWaitingEvents: number;
  readonly headersOf: WriteHeaders;
  readonly tls?: TlsOptions;
}

/** What one socket says about its clients when it is opened. */
interface Handshake {
  readonly headers: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, unknown>> | undefined;
}

/** A client, its socket, and how many subscriptions run on it. */
interface Line {
  readonly client: Client;
  running: number;
  isOpen: boolean;
  /** Sockets of identities that are not seen again must not be remembered. */
  forgetIfUnused(): void;
}

export function createWebSocketSource(options: WebSocketSourceOptions): StreamSource {
  const lines = new Map<string, Line>();

  function lineFor(request: StreamRequest, headers: OutgoingHeaders): Line {
    const handshake = handshakeOf(options, request, headers);
    const key = options.identity === "connection" ? keyOfHeaders(headers) + JSON.stringify(handshake.params) : "";
    const known = lines.get(key);
    if (known) return known;
    const forgetIfUnused = () => {
      if (line.running === 0 && !line.isOpen && lines.get(key) === line) lines.delete(key);
    };
    const turn = (isOpen: boolean) => {
      line.isOpen = isOpen;
      forgetIfUnused();
    };
    const line: Line = { client: openClient(options, handshake, turn), running: 0, isOpen: false, forgetIfUnused };
    lines.set(key, line);
    return line;
  }

  return {
    open: async (request) => {
      const headers = options.headersOf(contextOf(request));
      return subscribe(lineFor(request, headers), options, request, headers);
    },
    close: async () => {
      for (const { client } of [...lines.values()]) await client.dispose();
      lines.clear();
    },
  };
}

function handshakeOf(options: WebSocketSourceOptions, request: StreamRequest, headers: OutgoingHeaders): Handshake {
  const { connectionParams, identity } = options;
  const own = typeof connectionParams === "function" ? connectionParams(contextOf(request)) : connectionParams;
  if (identity !== "connection") return { headers: {}, params: own };
  const forwarded = Object.fromEntries(headers);
  return { headers: forwarded, params: { ...own, headers: forwarded } };
}

function openClient(
  options: WebSocketSourceOptions,
  { headers, params }: Handshake,
  turn: (isOpen: boolean) => void,
): Client {
  const { urlOf, tls, pingEveryMs = 12_000, pongWithinMs = 5_000, reconnectAttempts = 0 } = options;
  class Socket extends WebSocket {
    constructor(address: string, protocols?: string | string[]) {
      super(address, protocols, { ...tls, headers });
    }
  }
  let unanswered: NodeJS.Timeout | undefined;
  const client = createClient({
    url: urlOf,
    webSocketImpl: Socket,
    lazy: true,
    lazyCloseTimeout: 5_000,
    keepAlive: pingEveryMs,
    retryAttempts: reconnectAttempts,
    shouldRetry: () => true,
    onNonLazyError: () => {},
    ...(params ? { connectionParams: { ...params } } : {}),
    on: {
      opened: () => turn(true),
      ping: (received) => {
        if (!received) unanswered = setTimeout(() => client.terminate(), pongWithinMs);
      },
      pong: (received) => {
        if (received) clearTimeout(unanswered);
      },
      closed: () => {
        clearTimeout(unanswered);
        turn(false);
      },
    },
  });
  return client;
}

function subscribe(
  line: Line,
  { subgraph, maxWaitingEvents, identity }: WebSocketSourceOptions,
  request: StreamRequest,
  headers: OutgoingHeaders,
): AsyncIterableIterator<SubgraphResult> {
  const { query, operationName, variables } = request;
  const payload: SubscribePayload = {
    query,
    ...(operationName ? { operationName } : {}),
    ...(variables ? { variables: { ...variables } } : {}),
    ...(identity === "connection" ? {} : { extensions: { headers: Object.fromEntries(headers) } }),
  };
  const start: OpenStream = (events) => {
    line.running += 1;
    const over = () => {
      line.running -= 1;
      line.forgetIfUnused();
    };
    return line.client.subscribe<Record<string, unknown>>(payload, {
      next: (result) => events.push(toResult(result as ResponseJson)),
      error: (error) => {
        over();
        events.fail(streamFailure(error, subgraph));
      },
      complete: () => {
        over();
        events.complete();
      },
    });
  };
  return openEvents(request.facts.signal, maxWaitingEvents, start);
}
