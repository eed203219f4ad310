/** The one shape every error leaves the router in: `extensions { code, module, requestId, timestamp, details, … }`. */
import type { Log } from "@tessera/telemetry";
import { GraphQLError, type GraphQLFormattedError } from "graphql";

const internal = "INTERNAL_SERVER_ERROR";

/** Extension keys that are never for clients. */
const hidden = new Set([
  "code",
  "module",
  "details",
  "http",
  "serviceName",
  "stacktrace",
  "exception",
  "requestId",
  "timestamp",
]);

/** Of one answer; a subgraph that fails for each of many entities is one fault. */
const mostLogged = 10;

/** Errors without a code are internal: the client gets a request id to quote, the log gets the rest. */
export function formatErrors(
  errors: readonly (GraphQLError | GraphQLFormattedError)[],
  requestId: string,
  log: Log,
  causeOf: (error: object) => unknown = (error) => error,
): GraphQLFormattedError[] {
  const timestamp = new Date().toISOString();
  let masks = 0;
  const formatted = errors.map((error) => {
    const extensions = error.extensions ?? {};
    const code = typeof extensions.code === "string" ? extensions.code : internal;
    const masked = code === internal || code === "DOWNSTREAM_SERVICE_ERROR";
    if (masked) masks += 1;
    if (masked && masks <= mostLogged)
      log.error({ err: rootCause(causeOf(error)), requestId, module: extensions.module }, "internal error masked");
    return {
      message: masked ? `Something went wrong here. Quote request ${requestId} when you report it.` : error.message,
      ...(error.locations ? { locations: error.locations } : {}),
      ...(error.path ? { path: error.path } : {}),
      extensions: {
        code: masked ? internal : code,
        module: extensions.module ?? extensions.serviceName ?? "router",
        requestId,
        timestamp,
        details: masked ? {} : (extensions.details ?? {}),
        ...(masked ? {} : furtherExtensions(extensions)),
      },
    };
  });
  if (masks > mostLogged) log.error({ requestId, count: masks - mostLogged }, "further internal errors masked");
  return formatted;
}

export type FormatErrors = (
  errors: readonly GraphQLError[],
  context: { readonly facts: { readonly requestId: string } },
) => GraphQLFormattedError[];

/**
 * `uniform`: the one shape. `asGiven`: errors of subgraphs go on as they came, with the name of the subgraph; errors of
 * the router itself say what they say either way.
 */
export function createFormatErrors(shape: "uniform" | "asGiven", log: Log): FormatErrors {
  if (shape === "asGiven") return (errors) => errors.map((error) => error.toJSON());
  return (errors, { facts }) => formatErrors(errors, facts.requestId, log);
}

function furtherExtensions(extensions: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(extensions).filter(([key]) => !hidden.has(key)));
}

function rootCause(error: unknown): unknown {
  const original = error instanceof GraphQLError ? error.originalError : undefined;
  return original ?? error;
}
