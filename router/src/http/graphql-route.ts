/** One GraphQL request over HTTP, from its headers to its answer. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { HeaderMap } from "@apollo/server";
import type { RequestFacts } from "@tessera/shared-types";
import type { Telemetry } from "@tessera/telemetry";
import type { Engine, HttpAnswer } from "../execution/engine.js";
import type { Limits } from "../execution/limits.js";
import { createRequestContext, type RequestContext } from "../execution/request-context.js";
import { abortWhenGone, openScope, type RequestScope } from "../execution/request-scope.js";
import type { Identify, Identity } from "../identity/identify.js";
import { readBody } from "./read-body.js";

export interface GraphqlRouteOptions {
  readonly engine: Engine;
  readonly identify: Identify;
  readonly telemetry: Telemetry;
  readonly limits: Limits;
  readonly requestTimeoutMs: number;
}

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly url: URL;
}

export type GraphqlRoute = (exchange: Exchange) => Promise<void>;

/** @throws what refuses the whole request: RouterError, IdentityRefused. */
export function createGraphqlRoute(options: GraphqlRouteOptions): GraphqlRoute {
  const { engine, identify, limits, telemetry } = options;

  return async ({ request, response, requestId, url }) => {
    const ended = telemetry.metrics.requestDuration.startTimer();
    const scope = openScope(options.requestTimeoutMs);
    abortWhenGone(scope, response);
    let context: RequestContext | undefined;
    try {
      const identity = await identify({
        authorization: request.headers.authorization,
        apiKey: oneOf(request.headers["x-api-key"]),
      });
      context = createRequestContext(factsOf(request, requestId, identity, scope));
      const body = request.method === "POST" ? await readBody(request, limits.bodyBytes) : undefined;
      const { method = "GET" } = request;
      const answer = await engine.overHttp({ method, headers: headersOf(request), search: url.search, body }, context);
      send(response, answer, context);
    } finally {
      const outcome = context?.seen.shaped && !context.seen.failed ? "ok" : "error";
      ended({ operation_type: context?.seen.operationType ?? "unknown", outcome });
    }
  };
}

function factsOf(
  request: IncomingMessage,
  requestId: string,
  { actor, token }: Identity,
  { deadline, signal }: RequestScope,
): RequestFacts {
  const { cookie, "user-agent": userAgent } = request.headers;
  const clientAddress = request.socket.remoteAddress;
  return {
    requestId,
    actor,
    deadline,
    signal,
    ...(token === undefined ? {} : { token }),
    ...(cookie === undefined ? {} : { cookie }),
    ...(clientAddress === undefined ? {} : { clientAddress }),
    ...(userAgent === undefined ? {} : { userAgent }),
  };
}

function headersOf({ headers }: IncomingMessage): HeaderMap {
  const map = new HeaderMap();
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) map.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  return map;
}

function send(response: ServerResponse, answer: HttpAnswer, context: RequestContext): void {
  for (const [name, value] of answer.headers) response.setHeader(name, value);
  if (context.setCookie.length > 0) response.setHeader("set-cookie", context.setCookie);
  response.writeHead(answer.status).end(answer.body);
}

function oneOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
