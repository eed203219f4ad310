/** GraphQL over WebSocket (graphql-transport-ws): subscriptions, and also queries and mutations. */
import type { Server } from "node:http";
import { requestIdFrom } from "@tessera/telemetry";
import type { ExecutionArgs, ExecutionResult, FormattedExecutionResult, GraphQLSchema } from "graphql";
import type { Context, ServerOptions, SubscribePayload } from "graphql-ws";
import { type Extra, useServer } from "graphql-ws/use/ws";
import { type WebSocket, WebSocketServer } from "ws";
import { formatErrors } from "../errors/format-errors.js";
import { RouterError } from "../errors/router-error.js";
import type { Limits } from "../execution/limits.js";
import { type Identify, IdentityRefused } from "../identity/identify.js";
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
  const protocol = new SocketProtocol(options);

  server.on("upgrade", (request, socket, head) => {
    const isOurs = request.url === "/graphql" || request.url?.startsWith("/graphql?");
    if (!isOurs) return void socket.end("HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n");
    sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit("connection", opened, request));
  });
  useServer(protocol.hooks(), sockets, options.pingEveryMs ?? 12_000);

  return {
    async drain(timeoutMs) {
      await within(timeoutMs, Promise.allSettled(protocol.answering));
      const closed = new Promise<void>((resolve) => sockets.close(() => resolve()));
      for (const socket of sockets.clients) socket.close(1001, "Going away");
      await within(Math.min(timeoutMs, 2_000), closed);
      for (const socket of sockets.clients) socket.terminate();
    },
  };
}

/** What the protocol library asks of us, moment by moment. */
class SocketProtocol {
  /** Queries and mutations on their way. */
  readonly answering = new Set<Promise<unknown>>();
  readonly #options: SocketServerOptions;
  readonly #sessions = new WeakMap<WebSocket, SocketSession>();

  constructor(options: SocketServerOptions) {
    this.#options = options;
  }

  hooks(): ServerOptions<Record<string, unknown> | undefined, Extra> {
    return {
      onConnect: (connection) => this.#connect(connection),
      onSubscribe: ({ extra, subscriptions }, id, payload) => {
        const running = Object.keys(subscriptions).length;
        return this.#prepare(extra.socket, id, payload, running);
      },
      execute: (args) => this.#answer(carried(args)) as Promise<ExecutionResult>,
      subscribe: (args) => carried(args).stream ?? { errors: [new RouterError("INTERNAL_SERVER_ERROR")] },
      onNext: (_connection, _id, _payload, args, result) => this.#shape(carried(args), result),
      onError: ({ extra }, id, _payload, errors) => {
        const ids = this.#sessions.get(extra.socket)?.requestIds;
        const requestId = ids?.get(id) ?? requestIdFrom();
        ids?.delete(id);
        return formatErrors(errors, requestId, this.#options.telemetry.log);
      },
      onComplete: ({ extra }, id) => void this.#sessions.get(extra.socket)?.requestIds.delete(id),
      onClose: ({ extra }) => {
        for (const stop of this.#sessions.get(extra.socket)?.running ?? []) stop();
      },
    };
  }

  async #connect({ extra: { socket, request }, connectionParams }: Connection): Promise<boolean> {
    try {
      const identity = await identifySocket(this.#options.identify, connectionParams);
      socket.once("close", closeOnExpiry(socket, identity.actor?.expiresAt));
      this.#sessions.set(socket, { identity, request, running: new Set(), requestIds: new Map() });
      return true;
    } catch (error) {
      if (!(error instanceof IdentityRefused)) this.#options.telemetry.log.error({ err: error }, "socket not verified");
      refuseSocket(socket, error);
      return false;
    }
  }

  async #prepare(socket: WebSocket, id: string, payload: SubscribePayload, running: number) {
    const session = this.#sessions.get(socket);
    if (!session) return [new RouterError("INTERNAL_SERVER_ERROR")];
    const requestId = requestIdFrom();
    session.requestIds.set(id, requestId);
    const limit = this.#options.limits.operationsPerSocket;
    if (running > limit) return [new RouterError("TOO_MANY_OPERATIONS", { limit })];
    const asking = await this.#asking(socket, session, payload);
    if (asking instanceof IdentityRefused) return [asking];
    const prepared = await prepareOperation(payload, requestId, asking, this.#options);
    if ("errors" in prepared) return prepared.errors;
    const { schema } = this.#options;
    return { schema, document: prepared.operation.document, contextValue: { ...prepared, session: asking } };
  }

  /** Explorers keep one anonymous socket and say with each operation, in `extensions.headers`, who asks. */
  async #asking(socket: WebSocket, session: SocketSession, payload: SubscribePayload) {
    const headers = payload.extensions?.headers as Record<string, unknown> | undefined;
    if (session.identity.actor || typeof headers !== "object") return session;
    try {
      const identity = await identifySocket(this.#options.identify, headers ?? undefined);
      socket.once("close", closeOnExpiry(socket, identity.actor?.expiresAt));
      return { ...session, identity };
    } catch (error) {
      if (error instanceof IdentityRefused) return error;
      throw error;
    }
  }

  #answer({ session, ...operation }: Carried): Promise<FormattedExecutionResult> {
    const answer = answerOperation(operation, session, this.#options);
    this.answering.add(answer);
    void answer.finally(() => this.answering.delete(answer));
    return answer;
  }

  /** Answers of queries and mutations have the standard shape already. */
  #shape({ stream, requestId }: Carried, result: Streamed): FormattedExecutionResult {
    if (!result.errors || !stream) return result as FormattedExecutionResult;
    return { data: result.data ?? null, errors: formatErrors(result.errors, requestId, this.#options.telemetry.log) };
  }
}

type Streamed = Parameters<NonNullable<ServerOptions["onNext"]>>[4];
type Carried = SocketOperation & { readonly session: SocketSession };

function carried(args: ExecutionArgs): Carried {
  return args.contextValue as Carried;
}

async function within(timeoutMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
