/** Writes whole answers: one head, one body. */
import type { Log } from "@tessera/telemetry";
import { GraphQLError } from "graphql";
import { writeCacheControl } from "../caching/cache-control.js";
import { policyOf } from "../caching/settle-policy.js";
import { formatErrors } from "../errors/format-errors.js";
import { RouterError } from "../errors/router-error.js";
import { type JsonText, toJson } from "../request/json-text.js";
import type { ClientAnswer } from "../request/outcome.js";
import type { AnswerHead } from "../request/request-context.js";
import { graphqlResponse, json } from "./accept.js";
import { type Coding, codingFor, compress } from "./compression.js";
import type { Exchange } from "./exchange.js";

export type JsonType = typeof json | typeof graphqlResponse;

const contentTypes = { [json]: `${json}; charset=utf-8`, [graphqlResponse]: `${graphqlResponse}; charset=utf-8` };

/** Larger answers are compressed when the client accepts it; `Infinity` switches it off. */
export type ThresholdBytes = number;

/** https://graphql.github.io/graphql-over-http/draft/#sec-Status-Codes: `application/json` says 200 to whatever could be read. */
export function statusOf({ status, isRequestError }: ClientAnswer, type: JsonType): number {
  if (!isRequestError) return status;
  if (type === json) return status === 400 ? 200 : status;
  return status === 200 ? 400 : status;
}

export function writeBody(
  exchange: Exchange,
  status: number,
  type: JsonType,
  body: JsonText,
  threshold: ThresholdBytes,
): void | Promise<void> {
  const { request, response, head } = exchange;
  const { text, bytes } = body;
  head.push("content-type", contentTypes[type]);
  if (text.length >= threshold) {
    head.push("vary", "accept-encoding");
    const coding = codingFor(request.headers["accept-encoding"] as string | undefined);
    if (coding) return writeCompressed(exchange, status, body, coding);
  }
  head.push("content-length", String(text.length));
  response.writeHead(status, head);
  if (bytes) response.end(bytes);
  else response.end(text, "latin1");
}

async function writeCompressed(
  { response, head }: Exchange,
  status: number,
  body: JsonText,
  coding: Coding,
): Promise<void> {
  const bytes = await compress(body, coding);
  head.push("content-encoding", coding, "content-length", String(bytes.length));
  response.writeHead(status, head).end(bytes);
}

/** What subgraphs and hooks want on the head of the answer. */
export function takeHead({ head }: Exchange, answerHead: AnswerHead): void {
  const { setCookie, headers } = answerHead;
  for (const cookie of setCookie) head.push("set-cookie", cookie);
  for (const [name, value] of headers) head.push(name, value);
  const policy = policyOf(answerHead);
  if (policy && !headers.has("cache-control")) head.push("cache-control", writeCacheControl(policy));
}

export interface Refusal {
  readonly status: number;
  /** JSON of `{ errors }`. */
  readonly body: JsonText;
}

/** A whole request refused, in the standard error shape. What has no code is an internal error. */
export function refusalOf(error: unknown, requestId: string, log: Log): Refusal {
  const shown = error instanceof GraphQLError ? error : new RouterError("INTERNAL_SERVER_ERROR", {}, wrapped(error));
  const status = "status" in shown && typeof shown.status === "number" ? shown.status : 500;
  const errors = formatErrors([shown], requestId, log);
  // A refusal that is an error of one field elsewhere has status 200 there; here it refuses the request.
  return {
    status: Math.max(status, 400),
    body: { text: toJson({ errors }) },
  };
}

/** Answers with what refuses the request; a started answer can only be cut. */
export function writeRefusal(exchange: Exchange, error: unknown, log: Log, type: JsonType = json): void {
  const { request, response, requestId, head } = exchange;
  const { status, body } = refusalOf(error, requestId, log);
  if (response.headersSent || response.destroyed) return void response.destroy();
  if (status === 401) head.push("www-authenticate", 'Bearer realm="tessera"');
  if (error instanceof GraphQLError) takeRefusalHeaders(head, error);
  if (!request.complete) leaveBody(exchange);
  void writeBody(exchange, status, type, body, Number.POSITIVE_INFINITY);
}

/** Reading the little that is left of a refused body keeps the connection; more than that is not read. */
function leaveBody({ request, response, head }: Exchange): void {
  const { "content-length": length, "transfer-encoding": coding } = request.headers;
  const size = Number(length ?? (coding === undefined ? 0 : Number.POSITIVE_INFINITY));
  if (size <= worthReading) return void request.resume();
  head.push("connection", "close");
  response.once("finish", () => request.destroy());
}

const worthReading = 64 * 1024;

/** A refusal may say more in `headers`, such as `allow` or `retry-after`. */
function takeRefusalHeaders(head: string[], error: GraphQLError): void {
  const { headers } = error as { readonly headers?: unknown };
  if (typeof headers !== "object" || headers === null) return;
  for (const [name, value] of Object.entries(headers)) head.push(name, String(value));
}

function wrapped(error: unknown): { originalError: Error } {
  return { originalError: error instanceof Error ? error : new Error(String(error)) };
}

/** JSON of operators' routes. */
export function writeJson(exchange: Exchange, status: number, value: unknown): void {
  void writeBody(exchange, status, json, { text: toJson(value) }, Number.POSITIVE_INFINITY);
}
