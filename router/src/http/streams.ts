/**
 * Answers without a known end, one write at a time: the next part is only asked for when the connection took the one
 * before, and nobody is asked any more when the client has left.
 */
import type { ServerResponse } from "node:http";
import type { Log } from "@tessera/telemetry";
import { RouterError } from "../errors/router-error.js";
import type { PartForm } from "../request/client-answer.js";
import { type ClientRequest, whenExpired } from "../request/client-request.js";
import { type JsonText, toBytes } from "../request/json-text.js";
import type { ClientAnswer, ClientPart } from "../request/outcome.js";
import { eventEnd, eventOf, heartbeat } from "./event-stream.js";
import type { Exchange } from "./exchange.js";
import { refusalOf } from "./write-answer.js";

export interface StreamOptions {
  readonly log: Log;
  /** Milliseconds of silence after which the connection is kept open with an empty message. */
  readonly heartbeatMs: number;
  /** Told how many subscriptions are open. */
  readonly active?: { inc(labels: { transport: string }): void; dec(labels: { transport: string }): void } | undefined;
}

export interface Streams {
  /** Subscriptions as server-sent events of graphql-sse in distinct connections mode. */
  events(exchange: Exchange, client: ClientRequest, source: AsyncIterable<ClientAnswer>): Promise<void>;
  /** Answers with a known end, in the same form. */
  answerEvents(
    exchange: Exchange,
    client: ClientRequest,
    source: AsyncIterable<ClientAnswer | ClientPart>,
  ): Promise<void>;
  /** `multipart/mixed` of incremental delivery. */
  parts(exchange: Exchange, client: ClientRequest, source: AsyncIterable<ClientPart>, form: PartForm): Promise<void>;
  /** `multipart/mixed` of subscriptions. */
  subscription(exchange: Exchange, client: ClientRequest, source: AsyncIterable<ClientAnswer>): Promise<void>;
  /** Ends what would not end by itself, and says why. */
  endAll(error: RouterError): void;
  /** Why no subscription may begin any more. */
  readonly ending: RouterError | null;
}

/** How messages are framed in one media type. */
interface Framing<Message> {
  readonly head: readonly string[];
  readonly start: string;
  frame(message: Message): JsonText;
  readonly heartbeat: string | null;
  /** What tells the client that the stream failed; `errors` is JSON of `{ errors }`. */
  failed(errors: JsonText): JsonText;
  readonly afterFailure: string;
  /** After the last message. */
  end(last: Message | undefined): string;
}

/** Nobody on the way may hold parts back. */
export const streamingHead = ["cache-control", "no-cache, no-transform", "x-accel-buffering", "no"];

const eventFraming: Framing<ClientAnswer | ClientPart> = {
  head: ["content-type", "text/event-stream; charset=utf-8", ...streamingHead],
  // Some browsers only open the stream when something has arrived.
  start: heartbeat,
  frame: (message) => eventOf(message.body, "eventId" in message ? message.eventId : undefined),
  heartbeat,
  failed: (errors) => eventOf(errors),
  afterFailure: eventEnd,
  end: () => eventEnd,
};

const partHead = "content-type: application/json; charset=utf-8\r\n\r\n";

const partFraming = (form: PartForm): Framing<ClientPart> => ({
  head: ["content-type", `multipart/mixed; boundary="-"; ${form}`, ...streamingHead],
  start: `\r\n---\r\n${partHead}`,
  frame: ({ body: { text }, hasNext }) => ({
    text: hasNext ? `${text}\r\n---\r\n${partHead}` : `${text}\r\n-----\r\n`,
  }),
  heartbeat: null,
  failed: ({ text }) => ({ text: `${text.slice(0, -1)},"hasNext":false}\r\n-----\r\n` }),
  afterFailure: "",
  end: (last) => (last?.hasNext === false ? "" : '{"hasNext":false}\r\n-----\r\n'),
});

/** Each part ends with the boundary, because clients take a part when they have seen what follows it. */
const subscriptionFraming: Framing<ClientAnswer> = {
  head: ["content-type", 'multipart/mixed; boundary="graphql"; subscriptionSpec="1.0"', ...streamingHead],
  start: "\r\n--graphql",
  frame: ({ body: { text } }) => ({ text: subscriptionPart(`{"payload":${text}}`) }),
  heartbeat: subscriptionPart("{}"),
  failed: ({ text }) => ({ text: subscriptionPart(`{"payload":null,${text.slice(1)}`) }),
  afterFailure: "--\r\n",
  end: () => "--\r\n",
};

function subscriptionPart(text: string): string {
  return `\r\n${partHead}${text}\r\n--graphql`;
}

export function createStreams(options: StreamOptions): Streams {
  const open = new Set<{ fail(error: unknown): void }>();
  let ending: RouterError | null = null;

  async function endless<Message>(stream: OpenStream<Message>, transport: string): Promise<void> {
    options.active?.inc({ transport });
    open.add(stream);
    try {
      await stream.run();
    } finally {
      open.delete(stream);
      options.active?.dec({ transport });
    }
  }

  return {
    events: (exchange, client, source) =>
      endless(new OpenStream(exchange, client, source, eventFraming, options), "sse"),
    answerEvents: (exchange, client, source) => new OpenStream(exchange, client, source, eventFraming, options).run(),
    parts: (exchange, client, source, form) =>
      new OpenStream(exchange, client, source, partFraming(form), options).run(),
    subscription: (exchange, client, source) =>
      endless(new OpenStream(exchange, client, source, subscriptionFraming, options), "multipart"),
    get ending() {
      return ending;
    },
    endAll(error) {
      ending = error;
      for (const stream of open) stream.fail(error);
    },
  };
}

class OpenStream<Message> {
  readonly #exchange: Exchange;
  readonly #client: ClientRequest;
  readonly #framing: Framing<Message>;
  readonly #options: StreamOptions;
  readonly #iterator: AsyncIterator<Message>;
  #isOver = false;
  #close = () => {};

  constructor(
    exchange: Exchange,
    client: ClientRequest,
    source: AsyncIterable<Message>,
    framing: Framing<Message>,
    options: StreamOptions,
  ) {
    this.#exchange = exchange;
    this.#client = client;
    this.#framing = framing;
    this.#options = options;
    this.#iterator = source[Symbol.asyncIterator]();
  }

  /** Resolves when the answer is over. Rejects when its head cannot be written; then nothing is left of the source. */
  run(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#close = resolve;
      try {
        this.#open();
      } catch (error) {
        this.#isOver = true;
        this.#stopSource();
        reject(error);
      }
    });
  }

  /** Ends the answer with an error. */
  fail(error: unknown): void {
    if (this.#isOver) return;
    const { requestId, response } = this.#exchange;
    response.write(toBytes(this.#framing.failed(refusalOf(error, requestId, this.#options.log).body)));
    this.#end(this.#framing.afterFailure);
    this.#client.abort(new RouterError("REQUEST_ABORTED"));
    this.#stopSource();
  }

  #open(): void {
    const { response, head } = this.#exchange;
    const { head: ownHead, start, heartbeat: beat } = this.#framing;
    if (response.destroyed) return void this.#leave();
    const left = () => this.#leave();
    response.once("close", left);
    head.push(...ownHead);
    response.writeHead(200, head).write(start);
    const beating = beat === null ? undefined : setInterval(() => response.write(beat), this.#options.heartbeatMs);
    const stopClock = whenExpired(this.#client.facts.actor?.expiresAt, () => {
      this.fail(new RouterError("TOKEN_EXPIRED"));
    });
    const close = this.#close;
    this.#close = () => {
      clearInterval(beating);
      stopClock();
      response.off("close", left);
      close();
    };
    void this.#pump(beating);
  }

  async #pump(beating: NodeJS.Timeout | undefined): Promise<void> {
    let last: Message | undefined;
    try {
      for (let next = await this.#iterator.next(); !next.done; next = await this.#iterator.next()) {
        if (this.#isOver) return;
        last = next.value;
        await written(this.#exchange.response, this.#framing.frame(last));
        beating?.refresh();
      }
      this.#end(this.#framing.end(last));
    } catch (error) {
      this.fail(error);
    }
  }

  #leave(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#client.abort(new RouterError("REQUEST_ABORTED"));
    this.#stopSource();
    this.#close();
  }

  #end(text: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#exchange.response.end(text);
    this.#close();
  }

  #stopSource(): void {
    this.#iterator.return?.().then(undefined, () => {});
  }
}

/** Resolves when the connection can take more, or is closed. */
export function written(response: ServerResponse, json: JsonText): Promise<void> | undefined {
  if (response.destroyed || response.write(toBytes(json))) return undefined;
  return new Promise((resolve) => {
    const done = () => {
      response.off("drain", done).off("close", done);
      resolve();
    };
    response.once("drain", done).once("close", done);
  });
}
