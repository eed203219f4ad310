/**
 * Connection URLs. A Unix socket is written the way libpq reads it: the directory in the `host` parameter,
 * `postgres://postgres@localhost/tessera?host=/tmp/tessera-x1y2`.
 */
import { connect, type Socket } from "node:net";
import type postgres from "postgres";
import { DatabaseError } from "./errors.js";
import { arrayTypes } from "./wire-values.js";

export interface Target {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** As postgres.js takes it. */
  readonly ssl: boolean | "require" | "allow" | "prefer" | "verify-full";
}

const sslModes = ["require", "allow", "prefer", "verify-full"] as const;

export function parseUrl(url: string): Target {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (!parsed || !/^postgres(ql)?:$/.test(parsed.protocol)) {
    throw new DatabaseError(
      "DATABASE_UNAVAILABLE",
      "The database URL is not one: write postgres://user:password@host:5432/database (DATABASE_URL).",
    );
  }
  const sslMode = parsed.searchParams.get("sslmode");
  const user = decodeURIComponent(parsed.username) || parsed.searchParams.get("user") || "postgres";
  return {
    host: parsed.searchParams.get("host") ?? (decodeURIComponent(parsed.hostname) || "localhost"),
    port: Number(parsed.searchParams.get("port") ?? (parsed.port || 5432)),
    user,
    password: decodeURIComponent(parsed.password),
    database: decodeURIComponent(parsed.pathname.slice(1)) || user,
    ssl: sslModes.find((mode) => mode === sslMode) ?? false,
  };
}

export function formatUrl(target: Target): string {
  const url = new URL("postgres://localhost");
  url.username = encodeURIComponent(target.user);
  url.password = encodeURIComponent(target.password);
  url.pathname = `/${encodeURIComponent(target.database)}`;
  if (target.host.startsWith("/")) url.searchParams.set("host", target.host);
  else url.hostname = target.host;
  if (target.port !== 5432) url.port = String(target.port);
  if (target.ssl) url.searchParams.set("sslmode", String(target.ssl));
  return url.href;
}

/** Where a person would look for the server; never contains the password. */
export function describeTarget(target: Target): string {
  return target.host.startsWith("/") ? target.host : `${target.host}:${target.port}`;
}

/**
 * postgres.js (3.4.9) forgets statements sent between a socket's "error" and its "close": it takes them for rejected when
 * the close is marked as an error, and their callers wait for ever. Unmarked, they are rejected with the rest.
 */
function openSocket(target: Target): Socket & { host: string } {
  const path = `${target.host}/.s.PGSQL.${target.port}`;
  const socket = target.host.startsWith("/")
    ? connect(path)
    : connect({ host: target.host, port: target.port, noDelay: true });
  const emit = socket.emit.bind(socket);
  socket.emit = (event: string | symbol, ...args: unknown[]) =>
    event === "close" ? emit("close", false) : emit(event, ...args);
  // postgres.js takes the name for TLS from here.
  return Object.assign(socket, { host: target.host });
}

/** Options for postgres.js. Environment variables such as PGHOST have no say. */
export function clientOptions(target: Target, max: number): postgres.Options<Record<string, never>> {
  const options: postgres.Options<Record<string, never>> & { socket: () => Socket } = {
    socket: () => openSocket(target),
    host: target.host,
    port: target.port,
    user: target.user,
    pass: target.password,
    database: target.database,
    ssl: target.ssl,
    max,
    // postgres.js would ask for the types of arrays when it connects, and a connection lost at that moment would end the
    // process with an unhandled rejection.
    fetch_types: false,
    types: arrayTypes as Record<string, never>,
    connect_timeout: 10,
    idle_timeout: 0,
    connection: { application_name: "tessera" },
    onnotice: () => {},
  };
  return options;
}
