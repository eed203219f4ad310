/** GraphQL over HTTP, from the head of a request to the last byte of its answer. */
import type { IncomingMessage } from "node:http";
import type { Log } from "@tessera/telemetry";
import { RouterError } from "../errors/router-error.js";
import { type ClientIdentity, ClientRequest, type IdentifyClient } from "../request/client-request.js";
import { Deadlines } from "../request/deadlines.js";
import type { OperationRequest, RunOperation } from "../request/outcome.js";
import { createRequestContext, type RequestContext } from "../request/request-context.js";
import { clientKey } from "../subscription/caps.js";
import { type Accepted, acceptedBy, graphqlResponse, json } from "./accept.js";
import { type BatchingOptions, createBatchRunner, type FilesOf } from "./batch.js";
import { isArray, readBodyText } from "./body-text.js";
import type { CompressionOptions } from "./compression.js";
import { checkJsonType, isForm } from "./content-type.js";
import { type CsrfOptions, createCsrfCheck } from "./csrf.js";
import { type Exchange, headerOf } from "./exchange.js";
import { LazyOperation, parseJson, readSearch } from "./parameters.js";
import { createRespond, notAcceptable } from "./respond.js";
import { SingleConnections } from "./single-connection.js";
import { createStreams, type StreamOptions, type Streams } from "./streams.js";
import { readForm, type UploadOptions } from "./uploads/read-form.js";
import { writeRefusal } from "./write-answer.js";

export interface GraphqlHandlerOptions {
  readonly run: RunOperation;
  readonly identify: IdentifyClient;
  readonly log: Log;
  /** Default 10,000. */
  readonly requestTimeoutMs?: number | undefined;
  /** Of a body without files. Default 12 MiB. */
  readonly bodyBytes?: number | undefined;
  /** Default: arrays of at most 10 operations. */
  readonly batching?: BatchingOptions | false | undefined;
  readonly uploads?: UploadOptions | false | undefined;
  readonly csrf?: CsrfOptions | false | undefined;
  /** Default: answers over 1024 bytes. */
  readonly compression?: CompressionOptions | false | undefined;
  /** Silence on a stream after which an empty message keeps it open. Default 12,000. */
  readonly heartbeatMs?: number | undefined;
  /** Told about open streams, such as the gauge of active subscriptions. */
  readonly activeStreams?: StreamOptions["active"];
  /** Whose request it is when proxies pass it on. Default: the address of the connection. */
  readonly clientAddress?: ((request: IncomingMessage) => string | undefined) | undefined;
}

export interface GraphqlHandler {
  /** Answers every request; never rejects. */
  handle(exchange: Exchange): Promise<void>;
  /** How requests are taken from now on. Streams that are open or reserved stay. */
  configure(options: GraphqlHandlerOptions): void;
  /** Ends subscriptions, which would not end by themselves, when the server shuts down. */
  endStreams(): void;
}

export function createGraphqlHandler(options: GraphqlHandlerOptions): GraphqlHandler {
  return new GraphqlProtocol(options);
}

/** What one request brought along, once it is known who sent it. */
interface Asked {
  readonly exchange: Exchange;
  readonly accepted: Accepted;
  readonly client: ClientRequest;
  readonly context: RequestContext;
}

const methods = "GET, POST, PUT, DELETE, OPTIONS, HEAD";

/** What the options come to. */
interface Settings {
  readonly bodyBytes: number;
  readonly deadlines: Deadlines;
  readonly checkCsrf: ReturnType<typeof createCsrfCheck>;
  readonly respond: ReturnType<typeof createRespond>;
  readonly runBatch: ReturnType<typeof createBatchRunner>;
}

class GraphqlProtocol implements GraphqlHandler {
  #options: GraphqlHandlerOptions;
  #settings: Settings;
  readonly #streams: Streams;
  readonly #connections: SingleConnections;

  constructor(options: GraphqlHandlerOptions) {
    const { log, run, activeStreams: active } = options;
    const heartbeat = () => this.#options.heartbeatMs ?? 12_000;
    const streamOptions: StreamOptions = {
      ...{ log, active },
      get heartbeatMs() {
        return heartbeat();
      },
    };
    this.#options = options;
    this.#streams = createStreams(streamOptions);
    this.#connections = new SingleConnections(streamOptions, run);
    this.#settings = settingsOf(options, this.#streams);
  }

  configure(options: GraphqlHandlerOptions): void {
    this.#options = options;
    this.#settings = settingsOf(options, this.#streams);
  }

  async handle(exchange: Exchange): Promise<void> {
    const accepted = acceptedBy(exchange.request.headers.accept);
    const { length } = exchange.head;
    try {
      await this.#route(exchange, accepted);
    } catch (error) {
      // What was meant for the answer is not for the refusal, and may be what cannot be written.
      exchange.head.length = length;
      writeRefusal(exchange, error, this.#options.log, accepted.single === graphqlResponse ? graphqlResponse : json);
    }
  }

  endStreams(): void {
    const reason = new RouterError("SHUTTING_DOWN");
    this.#streams.endAll(reason);
    this.#connections.endAll(reason);
  }

  /** The modes of graphql-sse with one connection for all operations go by their token, everything else by itself. */
  #route(exchange: Exchange, accepted: Accepted): void | Promise<void> {
    const { method } = exchange.request;
    const token = this.#connections.tokenOf(exchange);
    if (method === "POST") return token === undefined ? this.#post(exchange, accepted) : this.#accept(exchange, token);
    if (method === "GET" || method === "HEAD") {
      const opensStream = token !== undefined && accepted.single === "events";
      return opensStream ? this.#openStream(exchange, token) : this.#get(exchange, accepted);
    }
    if (method === "PUT") return this.#reserve(exchange);
    if (method === "DELETE") return this.#connections.stop(exchange, token);
    if (method !== "OPTIONS") throw new RouterError("METHOD_NOT_ALLOWED", { allowed: methods });
    exchange.head.push("allow", methods);
    exchange.response.writeHead(204, exchange.head).end();
  }

  async #get(exchange: Exchange, accepted: Accepted): Promise<void> {
    this.#settings.checkCsrf(exchange.request.headers);
    const lastEventId = headerOf(exchange.request, "last-event-id");
    const operation = { ...readSearch(exchange.search), lastEventId };
    const identity = this.#options.identify(exchange.request.headers);
    const asked = this.#open(exchange, accepted, identity instanceof Promise ? await identity : identity);
    await this.#runOne(asked, operation, false);
  }

  async #post(exchange: Exchange, accepted: Accepted): Promise<void> {
    const { request } = exchange;
    this.#settings.checkCsrf(request.headers);
    const identity = this.#options.identify(request.headers);
    const asked = this.#open(exchange, accepted, identity instanceof Promise ? await identity : identity);
    if (isForm(request.headers["content-type"])) return this.#postForm(asked);
    checkJsonType(request.headers["content-type"], request.headers["content-encoding"]);
    const text = await readBodyText(request, this.#settings.bodyBytes);
    if (isArray(text)) return this.#runMany(asked, parseJson(text) as readonly unknown[]);
    await this.#runOne(asked, new LazyOperation(text, headerOf(request, "last-event-id")), true);
  }

  async #postForm(asked: Asked): Promise<void> {
    const form = await readForm(asked.exchange.request, this.#options.uploads, this.#settings.bodyBytes);
    if (form.kind === "batch") return this.#runMany(asked, form.operations, form.filesOf);
    return this.#runOne(asked, form.operation, true);
  }

  #open(exchange: Exchange, accepted: Accepted, identity: ClientIdentity): Asked {
    const { response } = exchange;
    const client = this.#clientOf(exchange, identity);
    response.on("close", () => {
      if (!response.writableFinished) client.abort(new RouterError("REQUEST_ABORTED"));
      client.end();
    });
    return {
      exchange,
      accepted,
      client,
      context: createRequestContext(client.facts, exchange.request.headers, client),
    };
  }

  #clientOf(exchange: Exchange, identity: ClientIdentity): ClientRequest {
    const { request, requestId } = exchange;
    const { headers } = request;
    return new ClientRequest({
      requestId,
      identity,
      deadlines: this.#settings.deadlines,
      cookie: headers.cookie,
      userAgent: headers["user-agent"],
      clientAddress: this.#addressOf(exchange),
    });
  }

  #addressOf({ request }: Exchange): string | undefined {
    const { clientAddress } = this.#options;
    return clientAddress ? clientAddress(request) : request.socket.remoteAddress;
  }

  async #runOne({ exchange, accepted, client, context }: Asked, operation: OperationRequest, mayMutate: boolean) {
    if (accepted.single === null) throw notAcceptable();
    const mayStream = accepted.parts !== null || accepted.stream !== null;
    const outcome = await this.#options.run(operation, context, { mayStream, mayMutate, parts: accepted.partForm });
    const written = this.#settings.respond(outcome, { exchange, accepted, client, head: context.head });
    if (written) await written;
  }

  async #runMany({ exchange, accepted, context }: Asked, operations: readonly unknown[], filesOf?: FilesOf) {
    const { single } = accepted;
    if (single !== json && single !== graphqlResponse) throw notAcceptable();
    await this.#settings.runBatch(operations, { exchange, context, type: single, filesOf });
  }

  async #reserve(exchange: Exchange): Promise<void> {
    const { actor } = await this.#options.identify(exchange.request.headers);
    this.#connections.reserve(exchange, clientKey(actor, this.#addressOf(exchange)));
  }

  async #openStream(exchange: Exchange, token: string): Promise<void> {
    await this.#options.identify(exchange.request.headers);
    return this.#connections.open(exchange, token);
  }

  /** Takes an operation whose answer goes out on the stream of the token. */
  async #accept(exchange: Exchange, token: string): Promise<void> {
    const { request } = exchange;
    checkJsonType(request.headers["content-type"], request.headers["content-encoding"]);
    const identity = await this.#options.identify(request.headers);
    const operation = new LazyOperation(await readBodyText(request, this.#settings.bodyBytes), undefined);
    const client = this.#clientOf(exchange, identity);
    try {
      await this.#connections.accept(exchange, token, client, operation);
    } catch (error) {
      client.end();
      throw error;
    }
  }
}

function settingsOf(options: GraphqlHandlerOptions, streams: Streams): Settings {
  const { compression = {}, log, run, batching } = options;
  const threshold = compression === false ? Number.POSITIVE_INFINITY : (compression.thresholdBytes ?? 1024);
  return {
    bodyBytes: options.bodyBytes ?? 12 * 1024 * 1024,
    deadlines: new Deadlines(options.requestTimeoutMs ?? 10_000),
    checkCsrf: createCsrfCheck(options.csrf),
    respond: createRespond(streams, threshold),
    runBatch: createBatchRunner({ run, log, batching, threshold }),
  };
}
