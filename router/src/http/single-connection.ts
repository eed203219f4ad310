/**
 * graphql-sse in single connection mode: a client reserves a stream, opens it once, and sends operations with requests
 * of their own, whose answers all go out on that stream.
 */
import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import { RouterError } from "../errors/router-error.js";
import type { ClientRequest } from "../request/client-request.js";
import type { OperationRequest, RunOperation } from "../request/outcome.js";
import { createRequestContext } from "../request/request-context.js";
import { Counts } from "../subscription/counts.js";
import { json } from "./accept.js";
import { heartbeat } from "./event-stream.js";
import { type Exchange, headerOf } from "./exchange.js";
import { SharedOperation } from "./shared-operation.js";
import { type StreamOptions, streamingHead } from "./streams.js";
import { statusOf, writeBody } from "./write-answer.js";

/** A reservation nobody takes up is given up after so long. */
const reservedMs = 60_000;
const mostStreams = 10_000;
const mostStreamsOfClient = 100;
const mostOperations = 100;

/** One reserved or open stream. */
class SharedStream {
  readonly operations = new Map<string, SharedOperation>();
  response: ServerResponse | null = null;
  /** Gives the reservation up. */
  readonly expiry: NodeJS.Timeout;
  /** Resolves with the connection, once it is there. */
  readonly opened: Promise<ServerResponse>;
  take: (response: ServerResponse) => void = () => {};

  constructor(
    readonly client: string,
    giveUp: () => void,
  ) {
    this.expiry = setTimeout(giveUp, reservedMs).unref();
    this.opened = new Promise((resolve) => {
      this.take = resolve;
    });
  }
}

export class SingleConnections {
  readonly #options: StreamOptions;
  readonly #run: RunOperation;
  readonly #streams = new Map<string, SharedStream>();
  /** Of streams, by client. */
  readonly #counts = new Counts();
  #ending: RouterError | null = null;

  constructor(options: StreamOptions, run: RunOperation) {
    this.#options = options;
    this.#run = run;
  }

  /** Which stream a request is about. A token in the address may also be somebody else's, for another purpose. */
  tokenOf({ request, search }: Exchange): string | undefined {
    const header = headerOf(request, "x-graphql-event-stream-token");
    if (header !== undefined || !search.includes("token=")) return header;
    const token = new URLSearchParams(search).get("token");
    return token !== null && this.#streams.has(token) ? token : undefined;
  }

  /** `client` is whom the stream counts for. @throws RouterError STREAMS_EXHAUSTED, TOO_MANY_STREAMS */
  reserve({ response, head }: Exchange, client: string): void {
    if (this.#streams.size >= mostStreams) throw new RouterError("STREAMS_EXHAUSTED", { limit: mostStreams });
    if (this.#counts.of(client) >= mostStreamsOfClient) {
      throw new RouterError("TOO_MANY_STREAMS", { limit: mostStreamsOfClient });
    }
    this.#counts.add(client, 1);
    const token = randomBytes(24).toString("base64url");
    this.#streams.set(token, new SharedStream(client, () => this.#close(token)));
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
    if (this.#ending) throw this.#ending;
    const stream = this.#find(token);
    const id = operationIdOf(request, stream);
    const onEnd = () => void stream.operations.delete(id);
    const operation = new SharedOperation({ ...this.#options, id, client, opened: stream.opened, onEnd });
    stream.operations.set(id, operation);
    try {
      const context = createRequestContext(client.facts, exchange.request.headers, client);
      const outcome = await this.#run(request, context, { mayStream: true, mayMutate: true });
      if (outcome.kind === "single" && outcome.answer.isRequestError) {
        operation.stop();
        const status = Math.max(statusOf(outcome.answer, json), 400);
        return await writeBody(exchange, status, json, outcome.answer.body, Number.POSITIVE_INFINITY);
      }
      exchange.response.writeHead(202, exchange.head).end();
      void operation.send(outcome);
      if (this.#ending) void operation.finish(this.#ending);
    } catch (error) {
      operation.stop();
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
    response.writeHead(200, [...head, "content-length", "0"]).end();
  }

  /** Ends subscriptions with the error, and each stream after the last answer that is due on it. */
  endAll(error: RouterError): void {
    this.#ending = error;
    for (const [token, { response, operations }] of this.#streams) {
      if (!response) this.#close(token);
      else void Promise.all([...operations.values()].map((one) => one.finish(error))).then(() => response.end());
    }
  }

  #find(token: string): SharedStream {
    const stream = this.#streams.get(token);
    if (!stream) throw new RouterError("STREAM_NOT_FOUND");
    return stream;
  }

  #close(token: string): void {
    const stream = this.#streams.get(token);
    if (!stream) return;
    this.#streams.delete(token);
    clearTimeout(stream.expiry);
    for (const operation of stream.operations.values()) operation.stop();
    this.#counts.add(stream.client, -1);
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
