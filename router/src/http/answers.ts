/** Small answers every route needs. */
import type { ServerResponse } from "node:http";
import type { Log } from "@tessera/telemetry";
import { GraphQLError } from "graphql";
import { formatErrors } from "../errors/format-errors.js";
import { RouterError } from "../errors/router-error.js";

export function answerJson(response: ServerResponse, status: number, value: unknown): void {
  response.setHeader("content-type", "application/json; charset=utf-8");
  response.writeHead(status).end(JSON.stringify(value));
}

/** Refuses a whole request with a GraphQL error in the standard shape. What has no code is an internal error. */
export function answerError(response: ServerResponse, error: unknown, requestId: string, log: Log): void {
  const shown = error instanceof GraphQLError ? error : new RouterError("INTERNAL_SERVER_ERROR", {}, wrapped(error));
  const status = "status" in shown && typeof shown.status === "number" ? shown.status : 500;
  const errors = formatErrors([shown], requestId, log);
  if (response.headersSent) return void response.destroy();
  if (status === 401) response.setHeader("www-authenticate", 'Bearer realm="tessera"');
  answerJson(response, status, { errors });
}

function wrapped(error: unknown): { originalError: Error } {
  return { originalError: error instanceof Error ? error : new Error(String(error)) };
}
