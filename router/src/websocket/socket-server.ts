/** GraphQL over WebSocket (graphql-transport-ws): subscriptions, and also queries and mutations. */
import type { Server } from "node:http";
import type { ExecutionArgs, ExecutionResult, FormattedExecutionResult, GraphQLError, GraphQLSchema } from "graphql";
import type { Context, ServerOptions } from "graphql-ws";
import { type Extra, useServer } from "graphql-ws/use/ws";
import { type WebSocket, WebSocketServer } from "ws";
import { formatErrors } from "../errors/format-errors.js";
import { RouterError } from "../errors/router-error.js";
import type { Limits } from "../execution/limits.js";
import type { Identify } from "../identity/identify.js";
import { closeOnExpiry, identifySocket, refuseSocket } from "./socket-identity.js";
import {
  answerOperation,
  prepareOperation,
  type SocketOperation,
  type SocketOperationOptions,
  type SocketSession,
} from "./socket-operation.js";

export interface SocketServerOptions extends SocketOperationOptions {
  readonly identify: Identify;
  readonly limits: Limits;
  readonly schema: GraphQLSchema;
  /** Milliseconds between pings; a client that does not answer one is disconnected. Default 12,000. */
  readonly pingEveryMs?: number;
}

export interface SocketServer {
  /** Waits for running queries and mutations, at most `timeoutMs`, then closes every socket with 1001. */
  drain(timeoutMs: number): Promise<void>;
}

type Connection = Context<Record<string, unknown> | undefined, Extra>;

export function attachSocketServer(server: Server, options: SocketServerOptions): SocketServer {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: options.limits.bodyBytes });
  const sessions = new WeakMap<WebSocket, SocketSession>();
  const answering = new Set<Promise<unknown>>();

  server.on("upgrade", (request, socket, head) => {
    const isOurs = request.url === "/graphql" || request.url?.startsWith("/graphql?");
    if (!isOurs) return void socket.end("HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n");
    sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit("connection", opened, request));
  });
  useServer(protocol(options, sessions, answering), sockets, options.pingEveryMs ?? 12_000);

  return {
    async drain(timeoutMs) {
      await within(timeoutMs, Promise.allSettled(answering));
      const closed = new Promise<void>((resolve) => sockets.close(() => resolve()));
      for (const socket of sockets.clients) socket.close(1001, "Going away");
      await within(Math.min(timeoutMs, 2_000), closed);
      for (const socket of sockets.clients) socket.terminate();
    },
  };
}

function protocol(
  options: SocketServerOptions,
  sessions: WeakMap<WebSocket, SocketSession>,
  answering: Set<Promise<unknown>>,
): ServerOptions<Record<string, unknown> | undefined, Extra> {
  const { limits, schema, telemetry } = options;
  const refusals = new WeakMap<readonly GraphQLError[], string>();

  async function onConnect({ extra: { socket, request }, connectionParams }: Connection): Promise<boolean> {
    try {
      const identity = await identifySocket(options.identify, connectionParams);
      const stopClock = closeOnExpiry(socket, identity.actor?.expiresAt);
      socket.once("close", stopClock);
      sessions.set(socket, { identity, request, running: new Set() });
      return true;
    } catch (error) {
      refuseSocket(socket, error);
      return false;
    }
  }

  return {
    onConnect,
    async onSubscribe({ extra: { socket }, subscriptions }, _id, payload) {
      const session = sessions.get(socket);
      if (!session) return [new RouterError("INTERNAL_SERVER_ERROR")];
      const tooMany = Object.keys(subscriptions).length > limits.operationsPerSocket;
      if (tooMany) return [new RouterError("TOO_MANY_OPERATIONS", { limit: limits.operationsPerSocket })];
      const prepared = await prepareOperation(payload, session, options);
      if ("errors" in prepared) {
        refusals.set(prepared.errors, prepared.requestId);
        return prepared.errors;
      }
      return { schema, document: prepared.operation.document, contextValue: { ...prepared, session } };
    },
    execute: (args) => {
      const { session, ...operation } = carried(args);
      const answer = answerOperation(operation, session, options);
      answering.add(answer);
      void answer.finally(() => answering.delete(answer));
      return answer as Promise<ExecutionResult>;
    },
    subscribe: (args) => carried(args).stream ?? { errors: [new RouterError("INTERNAL_SERVER_ERROR")] },
    onNext: (_connection, _id, _payload, args, result) => {
      const { stream, requestId } = carried(args);
      // Answers of queries and mutations have the standard shape already.
      if (!result.errors || !stream) return result as FormattedExecutionResult;
      return { data: result.data ?? null, errors: formatErrors(result.errors, requestId, telemetry.log) };
    },
    onError: (_connection, _id, _payload, errors) =>
      formatErrors(errors, refusals.get(errors) ?? "unknown", telemetry.log),
    onClose({ extra: { socket } }) {
      for (const stop of sessions.get(socket)?.running ?? []) stop();
    },
  };
}

function carried(args: ExecutionArgs): SocketOperation & { readonly session: SocketSession } {
  return args.contextValue as SocketOperation & { readonly session: SocketSession };
}

async function within(timeoutMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
