/** Which web pages may call this server from a browser: https://fetch.spec.whatwg.org/#http-cors-protocol */
import type { IncomingMessage } from "node:http";
import type { Exchange } from "./exchange.js";

const studio = new Set(["https://studio.apollographql.com", "https://sandbox.embed.apollographql.com"]);
const local = /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/;

/** Section `cors`: which web pages may call the router from a browser. */
export interface CorsOptions {
  /** Exact origins such as `https://app.example.com`, or `*` for every page, which then gets no credentials. */
  readonly origins: readonly string[];
  /** Whether browsers may send cookies along. Default true. */
  readonly credentials?: boolean;
  /** Default GET, POST, PUT, DELETE, OPTIONS. */
  readonly methods?: readonly string[];
  /** Request headers pages may set, besides those GraphQL clients set. */
  readonly allowHeaders?: readonly string[];
  /** Response headers pages may read, besides `x-request-id`, `retry-after` and those of rate limits. */
  readonly exposeHeaders?: readonly string[];
  /** Seconds a browser remembers what it may do. Default 600. */
  readonly maxAgeSeconds?: number;
}

export interface CorsRules {
  readonly cors?: CorsOptions | undefined;
  /** Lets Apollo Studio and pages of this machine in. */
  readonly development?: boolean | undefined;
}

const clientHeaders = [
  "content-type",
  "authorization",
  "x-api-key",
  "x-request-id",
  "apollo-require-preflight",
  "x-apollo-operation-name",
  "apollographql-client-name",
  "apollographql-client-version",
  "apollo-query-plan-experimental",
  "x-apollo-tracing",
  "x-graphql-event-stream-token",
  "last-event-id",
  "traceparent",
];

const serverHeaders = [
  "x-request-id",
  "retry-after",
  "x-ratelimit-limit",
  "x-ratelimit-remaining",
  "x-ratelimit-reset",
];

export interface Cors {
  /** Adds the headers an allowed origin gets. True: it was a preflight request and has been answered. */
  answers(exchange: Exchange): boolean;
}

export function createCors({ cors, development = false }: CorsRules): Cors {
  const origins = new Set(cors?.origins ?? []);
  const isForAll = origins.has("*");
  const credentials = !isForAll && (cors?.credentials ?? true);
  const exposed = [...serverHeaders, ...(cors?.exposeHeaders ?? [])].join(", ");
  const preflightHead = preflightHeadOf(cors);
  const isAllowed = (origin: string) =>
    isForAll || origins.has(origin) || (development && (studio.has(origin) || local.test(origin)));

  const headFor = ({ headers, method }: IncomingMessage): { head: readonly string[]; isPreflight: boolean } => {
    const { origin } = headers;
    const isPreflight = method === "OPTIONS" && headers["access-control-request-method"] !== undefined;
    // The answer depends on the origin, also for one that is not allowed: shared caches have to know.
    if (origin === undefined || !isAllowed(origin)) return { head: varies, isPreflight };
    const head = [...varies, "access-control-allow-origin", isForAll ? "*" : origin];
    head.push("access-control-expose-headers", exposed);
    if (credentials) head.push("access-control-allow-credentials", "true");
    if (isPreflight) head.push(...preflightHead);
    return { head, isPreflight };
  };

  return {
    answers({ request, response, head }) {
      const own = headFor(request);
      head.push(...own.head);
      if (own.isPreflight) response.writeHead(204, head).end();
      return own.isPreflight;
    },
  };
}

const varies = ["vary", "origin"];

function preflightHeadOf(cors: CorsOptions | undefined): readonly string[] {
  const methods = cors?.methods ?? ["GET", "POST", "PUT", "DELETE", "OPTIONS"];
  return [
    ...["access-control-allow-methods", methods.join(", ")],
    ...["access-control-allow-headers", [...clientHeaders, ...(cors?.allowHeaders ?? [])].join(", ")],
    ...["access-control-max-age", String(cors?.maxAgeSeconds ?? 600)],
  ];
}
