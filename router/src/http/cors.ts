/** Which web pages may call this server from a browser: https://fetch.spec.whatwg.org/#http-cors-protocol */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { RouterOptions } from "../options.js";

const studio = new Set(["https://studio.apollographql.com", "https://sandbox.embed.apollographql.com"]);
const local = /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/;

const allowedHeaders =
  "content-type, authorization, x-api-key, x-request-id, apollo-require-preflight, x-apollo-operation-name, apollographql-client-name, apollographql-client-version, apollo-query-plan-experimental, x-apollo-tracing";

export interface Cors {
  /** Sets the headers an allowed origin gets. True: it was a preflight request and has been answered. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
}

export function createCors({ cors, development = false }: Pick<RouterOptions, "cors" | "development">): Cors {
  const origins = new Set(cors?.origins ?? []);
  const credentials = cors?.credentials ?? true;
  const isAllowed = (origin: string) =>
    origins.has(origin) || (development && (studio.has(origin) || local.test(origin)));

  return {
    handle(request, response) {
      const { origin } = request.headers;
      const preflight = request.method === "OPTIONS" && request.headers["access-control-request-method"] !== undefined;
      // The answer depends on the origin, also for one that is not allowed: shared caches have to know.
      response.setHeader("vary", "origin");
      if (origin !== undefined && isAllowed(origin)) {
        response.setHeader("access-control-allow-origin", origin);
        response.setHeader("access-control-expose-headers", "x-request-id, retry-after");
        if (credentials) response.setHeader("access-control-allow-credentials", "true");
        if (preflight) allowPreflight(response);
      }
      if (preflight) response.writeHead(204).end();
      return preflight;
    },
  };
}

function allowPreflight(response: ServerResponse): void {
  response.setHeader("access-control-allow-methods", "GET, POST, OPTIONS");
  response.setHeader("access-control-allow-headers", allowedHeaders);
  response.setHeader("access-control-max-age", "600");
}
