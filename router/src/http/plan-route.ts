/** `POST /graphql/plan`: how an operation would be run. For developers; the body is that of a request. */
import type { IncomingMessage } from "node:http";
import { type IntrospectionOption, mayIntrospect } from "../access/introspection.js";
import { RouterError } from "../errors/router-error.js";
import { ClientRequest, type IdentifyClient } from "../request/client-request.js";
import { Deadlines } from "../request/deadlines.js";
import type { OperationRequest } from "../request/outcome.js";
import { createRequestContext, type RequestContext } from "../request/request-context.js";
import { readBodyText } from "./body-text.js";
import { checkJsonType } from "./content-type.js";
import type { Exchange } from "./exchange.js";
import { LazyOperation } from "./parameters.js";
import type { Route } from "./routes.js";
import { writeJson } from "./write-answer.js";

export interface PlanRouteOptions {
  /** Where GraphQL is served. */
  readonly path: string;
  /** Whom plans are shown to. */
  readonly shownTo: IntrospectionOption;
  readonly identify: IdentifyClient;
  readonly clientAddress: (request: IncomingMessage) => string | undefined;
  readonly bodyBytes: number;
  readonly timeoutMs: number;
  /** `errors` when there is nothing to explain. */
  readonly explain: (request: OperationRequest, context: RequestContext) => Promise<object>;
}

export function createPlanRoute(options: PlanRouteOptions): Route {
  const deadlines = new Deadlines(options.timeoutMs);
  return {
    path: `${options.path}/plan`,
    async handle(exchange) {
      const { request, requestId, head } = exchange;
      const identity = await options.identify(request.headers);
      if (!mayIntrospect(options.shownTo, identity.actor)) throw new RouterError("PLANS_REFUSED");
      const operation = await readOperation(exchange, options.bodyBytes);
      const { cookie, "user-agent": userAgent } = request.headers;
      const clientAddress = options.clientAddress(request);
      const client = new ClientRequest({ requestId, identity, deadlines, cookie, userAgent, clientAddress });
      try {
        const explained = await options.explain(operation, createRequestContext(client.facts, request.headers, client));
        head.push("cache-control", "no-store");
        writeJson(exchange, "errors" in explained ? 400 : 200, explained);
      } finally {
        client.end();
      }
    },
  };
}

/** @throws RouterError METHOD_NOT_ALLOWED, UNSUPPORTED_MEDIA_TYPE, PAYLOAD_TOO_LARGE */
async function readOperation({ request }: Exchange, bodyBytes: number): Promise<LazyOperation> {
  if (request.method !== "POST") throw new RouterError("METHOD_NOT_ALLOWED", { allowed: "POST" });
  checkJsonType(request.headers["content-type"], request.headers["content-encoding"]);
  return new LazyOperation(await readBodyText(request, bodyBytes), undefined);
}
