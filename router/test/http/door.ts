/** A started server in front of a schema that graphql-js executes: the protocols without the router behind them. */
import { createTelemetry } from "@tessera/telemetry";
import {
  type ExecutionResult,
  execute,
  type GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  type OperationDefinitionNode,
  parse,
  subscribe,
  validate,
} from "graphql";
import { RouterError } from "../../src/errors/router-error.js";
import { createClientAddress } from "../../src/http/client-address.js";
import { type CorsRules, createCors } from "../../src/http/cors.js";
import { createGraphqlHandler, type GraphqlHandlerOptions } from "../../src/http/graphql-handler.js";
import { RouterServer, type RouterServerOptions } from "../../src/http/router-server.js";
import { IdentityRefused } from "../../src/identity/identify.js";
import type { IdentifyClient } from "../../src/request/client-request.js";
import { toJson } from "../../src/request/json-text.js";
import type { ClientAnswer, ClientPart, OperationRequest, Outcome, RunOperation } from "../../src/request/outcome.js";
import type { RequestContext } from "../../src/request/request-context.js";
import {
  attachGraphqlSockets,
  type GraphqlSocketOptions,
  type GraphqlSockets,
} from "../../src/websocket/graphql-sockets.js";
import { schema } from "./schema.js";

export const { log } = createTelemetry({ service: "test", level: "silent" });

export interface Door {
  readonly url: string;
  /** For sockets. */
  readonly socketUrl: string;
  readonly server: RouterServer;
  readonly sockets: GraphqlSockets;
  /** Each operation that was run. */
  readonly seen: { request: OperationRequest; context: RequestContext }[];
  close(): Promise<void>;
}

export type DoorOptions = Partial<GraphqlHandlerOptions & RouterServerOptions & GraphqlSocketOptions> & {
  readonly rules?: CorsRules;
  readonly trustedProxies?: readonly string[];
};

export async function openDoor(options: DoorOptions = {}): Promise<Door> {
  const seen: Door["seen"] = [];
  const inner = options.run ?? runOn(schema);
  const run: RunOperation = (request, context, transport) => {
    seen.push({ request, context });
    return inner(request, context, transport);
  };
  const server = new RouterServer({ cors: createCors(options.rules ?? {}), log, ...options });
  const clientAddress = createClientAddress(options.trustedProxies);
  server.graphql = createGraphqlHandler({ identify, log, clientAddress, ...options, run });
  const sockets = attachGraphqlSockets(server.server, { operationsPerSocket: 100, identify, log, ...options, run });
  server.phase = "ready";
  const port = await server.listen(0, "127.0.0.1");
  const url = `${options.tls ? "https" : "http"}://127.0.0.1:${port}/graphql`;
  const close = async () => void (await Promise.all([sockets.drain(500), server.drain(500)]));
  return { url, socketUrl: url.replace("http", "ws"), server, sockets, seen, close };
}

/** `Bearer <name>` is the person of that name; `forged` is refused; `<name>:<milliseconds>` runs out. */
export const identify: IdentifyClient = ({ authorization }) => {
  if (authorization === undefined) return { actor: null };
  const [name = "", lifetime] = String(authorization).replace("Bearer ", "").split(":");
  if (name === "forged") throw new IdentityRefused("TOKEN_INVALID", "The token is not valid.");
  const expires = lifetime === undefined ? {} : { expiresAt: Date.now() + Number(lifetime) };
  const [id = "", ...roles] = name.split("+");
  const rights = { scopes: new Set(roles), roles: [], attributes: {} };
  return { actor: { kind: "user", id, tenantId: "t1", ...rights, ...expires }, token: name };
};

/** Executes with graphql-js, and answers in the encoding answers of other processes have. */
export function runOn(of: GraphQLSchema): RunOperation {
  return async (request, context, { mayMutate, mayStream }) => {
    const prepared = prepare(of, request);
    if ("errors" in prepared) return { kind: "single", answer: answerOf(prepared, 400) };
    const { document, operation } = prepared;
    if (operation.operation === "mutation" && !mayMutate) {
      throw new RouterError("METHOD_NOT_ALLOWED", { allowed: "POST" });
    }
    const args = {
      schema: of,
      document,
      ...(request.operationName ? { operationName: request.operationName } : {}),
      variableValues: request.variables ?? {},
      contextValue: { ...context, request },
    };
    if (operation.operation !== "subscription") return inParts(await execute(args), mayStream);
    if (!mayStream) throw new RouterError("SUBSCRIPTION_NEEDS_STREAM");
    const result = await subscribe(args);
    if (!(Symbol.asyncIterator in result)) return { kind: "single", answer: answerOf(result, 400) };
    return { kind: "events", events: answersOf(result) };
  };
}

type Prepared =
  | { document: ReturnType<typeof parse>; operation: OperationDefinitionNode }
  | { errors: readonly GraphQLError[] };

function prepare(of: GraphQLSchema, { query, operationName, variables }: OperationRequest): Prepared {
  try {
    const document = parse(query ?? "");
    const errors = validate(of, document);
    if (errors.length > 0) return { errors };
    const operation = getOperationAST(document, operationName);
    if (!operation) throw new RouterError("OPERATION_RESOLUTION_FAILURE");
    const values = getVariableValues(of, operation.variableDefinitions ?? [], variables ?? {});
    return values.errors ? { errors: values.errors } : { document, operation };
  } catch (error) {
    if ((error as Error).name === "GraphQLError") return { errors: [error as GraphQLError] };
    throw error;
  }
}

/** `deferred` among the extensions of a result stands for what a planner would have deferred. */
function inParts(result: ExecutionResult, mayStream: boolean): Outcome {
  const { deferred } = (result.data ?? {}) as { deferred?: { first: object; later: object[] } };
  if (!deferred) return { kind: "single", answer: answerOf(result, 200) };
  const parts = [deferred.first, ...deferred.later];
  if (!mayStream) return { kind: "single", answer: answerOf({ data: { deferred: "whole" } }, 200) };
  return { kind: "parts", parts: partsOf(parts) };
}

async function* partsOf(parts: readonly object[]): AsyncGenerator<ClientPart> {
  for (const [index, part] of parts.entries()) {
    const hasNext = index < parts.length - 1;
    yield { body: latin1({ ...part, hasNext }), hasNext };
  }
}

async function* answersOf(events: AsyncGenerator<ExecutionResult>): AsyncGenerator<ClientAnswer> {
  for await (const event of events) {
    const tick = event.data as { numbered?: number } | null;
    const answer = answerOf(event, 200);
    yield tick?.numbered === undefined ? answer : { ...answer, eventId: `e${tick.numbered}` };
  }
}

function answerOf(result: { data?: unknown; errors?: readonly GraphQLError[] }, refusal: number): ClientAnswer {
  const isRequestError = !("data" in result);
  return { body: latin1(result), status: isRequestError ? refusal : 200, isRequestError };
}

function latin1(value: unknown): ClientAnswer["body"] {
  return { text: toJson(value) };
}
