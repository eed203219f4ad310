/** GraphQL over HTTP for a stand-alone subgraph, and its health for whoever runs it. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { ApolloServer, type ApolloServerPlugin, HeaderMap, type HTTPGraphQLHead } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
} from "@apollo/server/plugin/disabled";
import type { RequestFacts } from "@tessera/shared-types";
import { continueTrace } from "@tessera/telemetry";
import type { Subgraph } from "./define-subgraph.js";
import { CodedError } from "./errors.js";
import { factsFromHeaders, type Headers } from "./facts.js";
import type { Operations } from "./operations.js";
import type { Runtime } from "./runtime.js";

/** Largest request body in bytes; imports arrive as base64 text. */
const largestBody = 12 * 1024 * 1024;

interface Served {
  readonly facts: RequestFacts;
  readonly cookies: string[];
}

export interface HttpHandler {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  close(): Promise<void>;
}

export async function createHttpHandler(
  subgraph: Subgraph,
  operations: Operations,
  runtime: Runtime,
): Promise<HttpHandler> {
  const apollo = new ApolloServer<Served>({
    schema: subgraph.schema(),
    introspection: true,
    stopOnTerminationSignals: false,
    plugins: [
      ApolloServerPluginInlineTraceDisabled(),
      // It would forbid to keep anything; in process nobody does, and both hosts are to say the same.
      ApolloServerPluginCacheControlDisabled(),
      executeWith(operations),
    ],
  });
  await apollo.start();
  return {
    handle: (request, response) =>
      request.url?.startsWith("/health")
        ? health(runtime, response)
        : answer({ subgraph: subgraph.name, apollo, runtime, request, response }),
    close: () => apollo.stop(),
  };
}

/** Apollo Server speaks HTTP; the operation itself goes through the same door as in process. */
function executeWith(operations: Operations): ApolloServerPlugin<Served> {
  return {
    requestDidStart: async () => ({
      responseForOperation: async ({ request, contextValue }) => {
        const { query = "", operationName, variables } = request;
        const { setCookie, errors, ...result } = await operations.execute({
          query,
          facts: contextValue.facts,
          ...(operationName ? { operationName } : {}),
          ...(variables ? { variables } : {}),
        });
        contextValue.cookies.push(...(setCookie ?? []));
        const singleResult = { ...result, ...(errors ? { errors: errors.map((error) => error.toJSON()) } : {}) };
        return { http: { headers: new HeaderMap() } satisfies HTTPGraphQLHead, body: { kind: "single", singleResult } };
      },
    }),
  };
}

interface Exchange {
  readonly subgraph: string;
  readonly apollo: ApolloServer<Served>;
  readonly runtime: Runtime;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function answer(exchange: Exchange): Promise<void> {
  const { response, runtime } = exchange;
  try {
    const answering = () =>
      runtime.telemetry.span("subgraph.request", { "tessera.subgraph": exchange.subgraph }, () =>
        answerGraphQL(exchange),
      );
    await continueTrace(exchange.request.headers, answering);
  } catch (error) {
    const { code = "INTERNAL_SERVER_ERROR", message } = error as { code?: string; message: string };
    const known = error instanceof CodedError || code.startsWith("TOKEN_");
    if (!known) runtime.telemetry.log.error({ err: error }, "unexpected error");
    const status = code.startsWith("TOKEN_") ? 401 : known ? 400 : 500;
    const shown = known
      ? { message, extensions: { code } }
      : { message: "Something went wrong here.", extensions: { code: "INTERNAL_SERVER_ERROR" } };
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ errors: [shown] }));
  }
}

async function answerGraphQL({ apollo, runtime, request, response }: Exchange): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const facts = await factsFromHeaders(request.headers as Headers, runtime, gone.signal);
  const served: Served = { facts, cookies: [] };
  const { status, headers, body } = await apollo.executeHTTPGraphQLRequest({
    httpGraphQLRequest: {
      method: request.method ?? "GET",
      headers: headerMap(request),
      search: new URL(request.url ?? "/", "http://subgraph").search,
      body: await readJson(request),
    },
    context: async () => served,
  });
  for (const [name, value] of headers) response.setHeader(name, value);
  if (served.cookies.length > 0) response.setHeader("set-cookie", served.cookies);
  response.statusCode = status ?? 200;
  response.end(body.kind === "complete" ? body.string : undefined);
}

function headerMap({ headers }: IncomingMessage): HeaderMap {
  const map = new HeaderMap();
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) map.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  return map;
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBody)
      throw new CodedError("PAYLOAD_TOO_LARGE", `The request body is larger than ${largestBody} bytes.`);
    chunks.push(chunk);
  }
  if (size === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new CodedError("BAD_REQUEST", "The request body is not JSON.");
  }
}

async function health(runtime: Runtime, response: ServerResponse): Promise<void> {
  const report = await runtime.telemetry.health.check();
  response.writeHead(report.ok ? 200 : 503, { "content-type": "application/json" }).end(JSON.stringify(report));
}
