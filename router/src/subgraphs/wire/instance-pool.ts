/** The connections to one instance of a subgraph: kept open between calls, and closed here before the other side does it. */
import { Pool } from "undici";
import { type ExchangeLimits, HttpExchange, type Route } from "./http-exchange.js";
import type { Send } from "./outgoing.js";
import { PlainPool, type PlainPoolOptions } from "./plain/plain-pool.js";

export interface TlsOptions {
  /** PEM of the authorities that may have signed the subgraph's certificate. Default: those of Node.js. */
  readonly ca?: string;
  /** PEM of the certificate the router shows, with its `key`: mutual TLS. */
  readonly cert?: string;
  readonly key?: string;
  /** Name to expect in the subgraph's certificate. Default: the host of the URL. */
  readonly servername?: string;
  /** `false` takes any certificate. Default true. */
  readonly rejectUnauthorized?: boolean;
}

export interface ConnectionOptions {
  /** Connections to one instance; more calls wait for one. Default 256. */
  readonly maxConnections?: number;
  /** Milliseconds to open a connection. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /**
   * Milliseconds an idle connection is kept when the subgraph does not say for how long it keeps it (`Keep-Alive:
   * timeout`; then a second less than that). Must be less than the subgraph's own. Default 4,000.
   */
  readonly keepAliveTimeoutMs?: number;
  /** Speak HTTP/2 where the subgraph offers it over TLS. Default false. */
  readonly allowH2?: boolean;
  readonly tls?: TlsOptions;
}

/** Connections to one instance. */
export interface InstancePool {
  readonly url: URL;
  readonly send: Send;
  /** For what is not one POST and its answer: streams and health checks. */
  readonly pool: Pool;
  close(): Promise<void>;
}

export function openInstancePool(url: URL, options: ConnectionOptions, limits: ExchangeLimits): InstancePool {
  const kept = openPool(url, options, options.allowH2 ? streamsPerConnection : 1);
  const alone = options.allowH2 ? openPool(url, options, 1) : kept;
  const plain = url.protocol === "http:" ? new PlainPool(url, withDefaults(options)) : null;
  let fresh: Pool | null = null;
  const route: Route = {
    path: `${url.pathname}${url.search}`,
    kept: (kind) => plain ?? (kind === "query" ? kept : alone),
    fresh: () => {
      fresh ??= openPool(url, options, 0);
      return fresh;
    },
  };
  return {
    url,
    pool: kept,
    send: (outgoing) => new HttpExchange(outgoing, limits, route).start().answer,
    close: async () => {
      await Promise.all([kept.destroy(), alone.destroy(), fresh?.destroy(), plain?.destroy()]);
    },
  };
}

/**
 * Queries share an HTTP/2 connection. Mutations do not: undici puts nothing beside a request it must not send twice, so
 * they would hold up the queries, and have connections of their own.
 */
const streamsPerConnection = 100;

/** With `pipelining` 0, undici keeps no connection alive. With `maxConnections` 0 there is no bound. */
export function openPool(url: URL, options: ConnectionOptions, pipelining: number): Pool {
  const { allowH2 = false, tls } = options;
  const { maxConnections, connectTimeoutMs, keepAliveTimeoutMs } = withDefaults(options);
  return new Pool(url.origin, {
    connections: maxConnections,
    pipelining,
    allowH2,
    keepAliveTimeout: keepAliveTimeoutMs,
    // How long an answer may take is the business of the exchange, which knows the request's deadline.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { ...tls, timeout: connectTimeoutMs },
  });
}

function withDefaults(options: ConnectionOptions): PlainPoolOptions {
  const { maxConnections = 256, connectTimeoutMs = 5_000, keepAliveTimeoutMs = 4_000 } = options;
  return { maxConnections, connectTimeoutMs, keepAliveTimeoutMs };
}
