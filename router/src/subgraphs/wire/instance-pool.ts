/** The connections to one instance of a subgraph: kept open between calls, and closed here before the other side does it. */
import { Pool } from "undici";
import { ConnectionFailure } from "./connection-failure.js";
import { type ExchangeLimits, HttpExchange } from "./http-exchange.js";
import type { Outgoing, Send } from "./outgoing.js";
import type { ReceivedAnswer } from "./received-answer.js";

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

export interface InstancePool {
  readonly send: Send;
  /** For streams, which have handlers of their own. */
  readonly pool: Pool;
  /** Where the POSTs go: path and query. */
  readonly path: string;
  close(): Promise<void>;
}

export function openInstancePool(url: URL, options: ConnectionOptions, limits: ExchangeLimits): InstancePool {
  const path = `${url.pathname}${url.search}`;
  const pool = openPool(url, options, 1);
  // Keeps nothing alive, so each of its requests runs on a connection nobody has had time to close. Opened when needed.
  let fresh: Pool | null = null;
  const freshPool = () => {
    fresh ??= openPool(url, options, 0);
    return fresh;
  };

  async function again(error: unknown, outgoing: Outgoing): Promise<ReceivedAnswer> {
    if (!mayHaveBeenIdle(error, outgoing)) throw error;
    return exchange(freshPool(), path, outgoing, limits);
  }

  return {
    pool,
    path,
    send: (outgoing) => exchange(pool, path, outgoing, limits).catch((error) => again(error, outgoing)),
    close: async () => {
      await Promise.all([pool.destroy(), fresh?.destroy()]);
    },
  };
}

/** The subgraph may have closed an idle connection while the request was on its way; a query is harmless to repeat. */
function mayHaveBeenIdle(error: unknown, { kind }: Outgoing): boolean {
  return error instanceof ConnectionFailure && error.progress === "unanswered" && kind === "query";
}

function exchange(pool: Pool, path: string, outgoing: Outgoing, limits: ExchangeLimits): Promise<ReceivedAnswer> {
  const handler = new HttpExchange(outgoing, limits);
  const headers = outgoing.headers as string[];
  if (!handler.isOver) pool.dispatch({ path, method: "POST", headers, body: outgoing.body }, handler);
  return handler.answer;
}

function openPool(url: URL, options: ConnectionOptions, pipelining: 0 | 1): Pool {
  const { maxConnections = 256, connectTimeoutMs = 5_000, keepAliveTimeoutMs = 4_000, allowH2 = false, tls } = options;
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
