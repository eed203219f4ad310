/**
 * graphql-sse in single connection mode: a client reserves a stream, opens it once, and sends operations with requests
 * of their own, whose answers all go out on that stream.
 */
import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import { RouterError } from "../errors/router-error.js";
import { type ClientRequest, whenExpired } from "../request/client-request.js";
import type { ClientAnswer, ClientPart, OperationRequest, RunOperation } from "../request/outcome.js";
import { createRequestContext } from "../request/request-context.js";
import { json } from "./accept.js";
import { heartbeat, operationEndOf, operationEventOf } from "./event-stream.js";
import { type Exchange, headerOf } from "./exchange.js";
import { messagesOf } from "./outcome-messages.js";
import { type StreamOptions, streamingHead, written } from "./streams.js";
import { refusalOf, statusOf, writeBody } from "./write-answer.js";

export interface SingleConnectionOptions extends StreamOptions {
  readonly run: RunOperation;
}

/** A reservation nobody takes up is given up after so long. */
const reservedMs = 60_000;
const mostStreams = 10_000;
const mostOperations = 100;

interface Operation {
  readonly client: ClientRequest;
  stop(): void;
}

/** One reserved or open stream. */
class SharedStream {
  readonly operations = new Map<string, Operation>();
  response: ServerResponse | null = null;
  /** Gives the reservation up. */
  readonly expiry: NodeJS.Timeout;
  /** Resolves with the connection, once it is there. */
  readonly opened: Promise<ServerResponse>;
  take: (response: ServerResponse) => void = () => {};

  constructor(giveUp: () => void) {
    this.expiry = setTimeout(giveUp, reservedMs).unref();
    this.opened = new Promise((resolve) => {
      this.take = resolve;
    });
  }
}

export class SingleConnections {
  readonly #options: SingleConnectionOptions;
  readonly #streams = new Map<string, SharedStream>();

  constructor(options: SingleConnectionOptions) {
    this.#options = options;
  }

  /** Which stream a request is about. A token in the address may also be somebody else's, for another purpose. */
  tokenOf({ request, search }: Exchange): string | undefined {
    const header = headerOf(request, "x-graphql-event-stream-token");
    if (header !== undefined || !search.includes("token=")) return header;
    const token = new URLSearchParams(search).get("token");
    return token !== null && this.#streams.has(token) ? token : undefined;
  }

  /** @throws RouterError STREAMS_EXHAUSTED */
  reserve({ response, head }: Exchange): void {
    if (this.#streams.size >= mostStreams) throw new RouterError("STREAMS_EXHAUSTED", { limit: mostStreams });
    const token = randomBytes(24).toString("base64url");
    this.#streams.set(token, new SharedStream(() => this.#close(token)));
    head.push("content-type", "text/plain; charset=utf-8", "content-length", String(token.length));
    response.writeHead(201, head).end(token);
  }

  /** @throws RouterError STREAM_NOT_FOUND, STREAM_TAKEN */
  open({ response, head }: Exchange, token: string): Promise<void> {
    const stream = this.#find(token);
    if (stream.response) throw new RouterError("STREAM_TAKEN", { what: "The event stream of this token" });
    clearTimeout(stream.expiry);
    stream.response = response;
    head.push("content-type", "text/event-stream; charset=utf-8", ...streamingHead);
    response.writeHead(200, head).write(heartbeat);
    const beating = setInterval(() => response.write(heartbeat), this.#options.heartbeatMs);
    stream.take(response);
    return new Promise((resolve) => {
      response.once("close", () => {
        clearInterval(beating);
        this.#close(token);
        resolve();
      });
    });
  }

  /** Answers 202 and sends the results on the stream; a refused operation is answered here. @throws RouterError */
  async accept(exchange: Exchange, token: string, client: ClientRequest, request: OperationRequest): Promise<void> {
    const stream = this.#find(token);
    const id = operationIdOf(request, stream);
    const transport = { mayStream: true, mayMutate: true, becomeStream: () => client.becomeStream() };
    const operation = { client, stop: () => client.abort(new RouterError("REQUEST_ABORTED")) };
    stream.operations.set(id, operation);
    try {
      const context = createRequestContext(client.facts, exchange.request.headers);
      const outcome = await this.#options.run(request, context, transport);
      if (outcome.kind === "single" && outcome.answer.isRequestError) {
        stream.operations.delete(id);
        client.end();
        const status = Math.max(statusOf(outcome.answer, json), 400);
        return await writeBody(exchange, status, json, outcome.answer.body, Number.POSITIVE_INFINITY);
      }
      exchange.response.writeHead(202, exchange.head).end();
      if (outcome.kind === "events") client.becomeStream();
      void this.#send(exchange.requestId, stream, id, client, messagesOf(outcome));
    } catch (error) {
      stream.operations.delete(id);
      throw error;
    }
  }

  /** @throws RouterError STREAM_NOT_FOUND, INVALID_PARAMETER */
  stop({ response, head, search }: Exchange, token: string | undefined): void {
    const stream = this.#find(token ?? "");
    const id = new URLSearchParams(search).get("operationId");
    if (!id)
      throw new RouterError("INVALID_PARAMETER", { parameter: "operationId", expected: "the id of an operation" });
    stream.operations.get(id)?.stop();
    stream.operations.delete(id);
    response.writeHead(200, [...head, "content-length", "0"]).end();
  }

  endAll(): void {
    for (const [token, { response }] of this.#streams) {
      if (response) response.end();
      else this.#close(token);
    }
  }

  async #send(
    requestId: string,
    stream: SharedStream,
    id: string,
    client: ClientRequest,
    messages: AsyncIterable<ClientAnswer | ClientPart>,
  ): Promise<void> {
    const iterator = messages[Symbol.asyncIterator]();
    let isStopped = false;
    const stop = (reason: RouterError) => {
      isStopped = true;
      client.abort(reason);
      iterator.return?.().then(undefined, () => {});
    };
    const stopClock = whenExpired(client.facts.actor?.expiresAt, () => {
      stop(new RouterError("TOKEN_EXPIRED"));
      void this.#fail(requestId, stream, id, new RouterError("TOKEN_EXPIRED"));
    });
    stream.operations.set(id, { client, stop: () => stop(new RouterError("REQUEST_ABORTED")) });
    try {
      const response = await stream.opened;
      for (let next = await iterator.next(); !next.done && !isStopped; next = await iterator.next()) {
        const eventId = "eventId" in next.value ? next.value.eventId : undefined;
        const { text, encoding } = operationEventOf(id, next.value.body, eventId);
        await written(response, text, encoding);
      }
      if (!isStopped) this.#complete(stream, id);
    } catch (error) {
      if (!isStopped) await this.#fail(requestId, stream, id, error);
    } finally {
      stopClock();
      client.end();
    }
  }

  async #fail(requestId: string, stream: SharedStream, id: string, error: unknown): Promise<void> {
    const response = await stream.opened;
    const { text, encoding } = operationEventOf(id, refusalOf(error, requestId, this.#options.log).body);
    await written(response, text, encoding);
    this.#complete(stream, id);
  }

  #complete(stream: SharedStream, id: string): void {
    stream.operations.delete(id);
    const { text, encoding } = operationEndOf(id);
    if (stream.response && !stream.response.destroyed) stream.response.write(text, encoding);
  }

  #find(token: string): SharedStream {
    const stream = this.#streams.get(token);
    if (!stream) throw new RouterError("STREAM_NOT_FOUND");
    return stream;
  }

  #close(token: string): void {
    const stream = this.#streams.get(token);
    this.#streams.delete(token);
    clearTimeout(stream?.expiry);
    for (const operation of stream?.operations.values() ?? []) operation.stop();
  }
}

/** @throws RouterError INVALID_PARAMETER, STREAM_TAKEN, TOO_MANY_OPERATIONS */
function operationIdOf({ extensions }: OperationRequest, { operations }: SharedStream): string {
  const id = extensions?.operationId;
  if (typeof id !== "string" || id === "") {
    throw new RouterError("INVALID_PARAMETER", { parameter: "extensions.operationId", expected: "a string" });
  }
  if (operations.has(id)) throw new RouterError("STREAM_TAKEN", { what: "This operation id" });
  if (operations.size >= mostOperations) throw new RouterError("TOO_MANY_OPERATIONS", { limit: mostOperations });
  return id;
}
