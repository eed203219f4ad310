/**
 * Subscriptions over the GraphQL over SSE protocol, one connection for each:
 * https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md#distinct-connections-mode
 */
import type { Pool } from "undici";
import { flat } from "../headers/flat-headers.js";
import type { WriteHeaders } from "../headers/request-headers.js";
import type { Sign } from "../traffic/sign.js";
import { type ConnectionOptions, openPool } from "../wire/instance-pool.js";
import { openEvents } from "./open-events.js";
import { SseExchange } from "./sse-exchange.js";
import { contextOf, operationJson } from "./stream-request.js";
import type { StreamSource } from "./stream-source.js";

export interface SseSourceOptions {
  readonly subgraph: string;
  /** Where the next stream opens. */
  readonly urlOf: () => URL;
  readonly maxWaitingEvents: number;
  /** Of one event. */
  readonly maxEventBytes: number;
  readonly headersOf: WriteHeaders;
  readonly connection: ConnectionOptions;
  readonly sign: Sign | null;
}

const constant = ["accept", "text/event-stream", "content-type", "application/json"];

export function createSseSource(options: SseSourceOptions): StreamSource {
  const { subgraph, urlOf, maxWaitingEvents, maxEventBytes, headersOf, connection, sign } = options;
  const pools = new Map<string, Pool>();

  function poolOf(url: URL): Pool {
    const known = pools.get(url.origin);
    if (known) return known;
    // A stream keeps its connection as long as it runs, so there is no bound and nothing is left to be kept.
    const pool = openPool(url, { ...connection, maxConnections: 0 }, 0);
    pools.set(url.origin, pool);
    return pool;
  }

  return {
    open: async (request) => {
      const url = urlOf();
      const body = operationJson(request);
      const headers = flat(constant, headersOf(contextOf(request)));
      if (sign) headers.push(...sign(body));
      return openEvents(request.facts.signal, maxWaitingEvents, (sink) => {
        const exchange = new SseExchange(subgraph, maxEventBytes, sink);
        const path = `${url.pathname}${url.search}`;
        poolOf(url).dispatch({ path, method: "POST", headers, body }, exchange);
        return () => exchange.stop();
      });
    },
    close: async () => {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
      pools.clear();
    },
  };
}
