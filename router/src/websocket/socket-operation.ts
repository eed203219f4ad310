/** One operation on a socket: checked, then either run to its answer or opened as a stream. */
import type { IncomingMessage } from "node:http";
import type { RequestFacts } from "@tessera/shared-types";
import type { Telemetry } from "@tessera/telemetry";
import { type ExecutionResult, type FormattedExecutionResult, GraphQLError } from "graphql";
import type { SubscribePayload } from "graphql-ws";
import { formatErrors } from "../errors/format-errors.js";
import { RouterError } from "../errors/router-error.js";
import type { Engine } from "../execution/engine.js";
import type { createLimitCheck } from "../execution/limits.js";
import type { Operation, OperationCache } from "../execution/operation-cache.js";
import { createRequestContext } from "../execution/request-context.js";
import { createController, openScope } from "../execution/request-scope.js";
import type { Identity } from "../identity/identify.js";
import type { Subscribe } from "../subscription/subscribe.js";

export interface SocketOperationOptions {
  readonly engine: Engine;
  readonly subscribe: Subscribe;
  readonly operations: OperationCache;
  readonly limitBroken: ReturnType<typeof createLimitCheck>;
  readonly telemetry: Telemetry;
  readonly requestTimeoutMs: number;
}

/** Who sends operations on a socket, and what ends with it. */
export interface SocketSession {
  readonly identity: Identity;
  readonly request: IncomingMessage;
  /** Ends what still runs, called when the socket closes. */
  readonly running: Set<() => void>;
  /** Request ids by operation id, so that a late error can be looked up in the logs. */
  readonly requestIds: Map<string, string>;
}

export interface SocketOperation {
  readonly requestId: string;
  readonly operation: Operation;
  readonly payload: SubscribePayload;
  /** Open already, because a refused subscription is an error and not a stream. */
  readonly stream?: AsyncGenerator<ExecutionResult, void, void>;
}

/** @returns the operation ready to go, or the errors that refuse it. */
export async function prepareOperation(
  payload: SubscribePayload,
  requestId: string,
  session: SocketSession,
  options: SocketOperationOptions,
): Promise<SocketOperation | { readonly errors: readonly GraphQLError[] }> {
  const found = options.operations.get(payload.query, payload.operationName);
  if ("errors" in found) return found;
  const broken = options.limitBroken(found.document, found.operation);
  if (broken) return { errors: [broken] };
  if (found.operation.operation !== "subscription") return { requestId, operation: found, payload };
  const stream = await openStream(found, payload, session, requestId, options);
  return "errors" in stream ? stream : { requestId, operation: found, payload, stream };
}

async function openStream(
  operation: Operation,
  payload: SubscribePayload,
  session: SocketSession,
  requestId: string,
  { subscribe, telemetry }: SocketOperationOptions,
) {
  const controller = createController();
  const gauge = telemetry.metrics.activeSubscriptions;
  const stop = () => {
    if (!session.running.delete(stop)) return;
    gauge.dec({ transport: "websocket" });
    controller.abort(new RouterError("REQUEST_ABORTED"));
  };
  session.running.add(stop);
  gauge.inc({ transport: "websocket" });
  // A subscription ends with the token, and has no other deadline.
  const deadline = session.identity.actor?.expiresAt ?? Number.MAX_SAFE_INTEGER;
  const facts = factsOf(session, requestId, deadline, controller.signal);
  try {
    const opened = await subscribe(operation, { variables: payload.variables ?? {}, facts, stop });
    if ("errors" in opened) stop();
    return opened;
  } catch (error) {
    stop();
    return { errors: [error instanceof GraphQLError ? error : internal(error)] };
  }
}

/** Runs a query or mutation. Never rejects: a failure is an answer too. */
export async function answerOperation(
  { operation, payload, requestId }: SocketOperation,
  session: SocketSession,
  { engine, requestTimeoutMs, telemetry }: SocketOperationOptions,
): Promise<FormattedExecutionResult> {
  const ended = telemetry.metrics.requestDuration.startTimer({ operation_type: operation.operation.operation });
  const scope = openScope(requestTimeoutMs);
  const stop = () => scope.abort(new RouterError("REQUEST_ABORTED"));
  session.running.add(stop);
  const context = createRequestContext(factsOf(session, requestId, scope.deadline, scope.signal));
  try {
    return await engine.run(payload, context);
  } catch (error) {
    context.seen.failed = true;
    return { errors: formatErrors([internal(error)], requestId, telemetry.log) };
  } finally {
    scope.end();
    session.running.delete(stop);
    ended({ outcome: context.seen.failed ? "error" : "ok" });
  }
}

/** Sockets carry no cookies: a page of another site could open one with the cookies of its visitor. */
function factsOf(
  { identity: { actor, token }, request }: SocketSession,
  requestId: string,
  deadline: number,
  signal: AbortSignal,
): RequestFacts {
  const clientAddress = request.socket.remoteAddress;
  const userAgent = request.headers["user-agent"];
  return {
    requestId,
    actor,
    deadline,
    signal,
    ...(token === undefined ? {} : { token }),
    ...(clientAddress === undefined ? {} : { clientAddress }),
    ...(userAgent === undefined ? {} : { userAgent }),
  };
}

function internal(error: unknown): GraphQLError {
  const originalError = error instanceof Error ? error : new Error(String(error));
  return new RouterError("INTERNAL_SERVER_ERROR", {}, { originalError });
}
