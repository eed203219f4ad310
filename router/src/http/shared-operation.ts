/** One operation whose answers go out on a stream it shares with others. */
import type { ServerResponse } from "node:http";
import { RouterError } from "../errors/router-error.js";
import { type ClientRequest, whenExpired } from "../request/client-request.js";
import type { JsonText } from "../request/json-text.js";
import type { Outcome } from "../request/outcome.js";
import { operationEndOf, operationEventOf } from "./event-stream.js";
import { messagesOf } from "./outcome-messages.js";
import { type StreamOptions, written } from "./streams.js";
import { refusalOf } from "./write-answer.js";

export interface SharedOperationOptions extends StreamOptions {
  readonly id: string;
  readonly client: ClientRequest;
  /** The connection, once the client has opened it. */
  readonly opened: Promise<ServerResponse>;
  /** Called once, when the operation is over for whatever reason. */
  readonly onEnd: () => void;
}

export class SharedOperation {
  /** Resolves when the last word of it is written. */
  readonly over: Promise<void>;
  readonly #options: SharedOperationOptions;
  #isStream = false;
  #isOver = false;
  #stopSource = () => {};
  #lastWritten = () => {};

  constructor(options: SharedOperationOptions) {
    this.#options = options;
    this.over = new Promise((resolve) => {
      this.#lastWritten = resolve;
    });
  }

  /** Ends the operation without another word. */
  stop(): void {
    if (this.#isOver) return;
    this.#end();
    this.#options.client.abort(new RouterError("REQUEST_ABORTED"));
    this.#stopSource();
    this.#lastWritten();
  }

  /** Ends what would not end by itself, and says why. Resolves when the operation is over. */
  finish(error: RouterError): Promise<void> {
    if (this.#isStream) void this.#fail(error);
    return this.over;
  }

  /** Sends what the operation came to, as the connection takes it. */
  async send(outcome: Outcome): Promise<void> {
    const { client, opened } = this.#options;
    const iterator = messagesOf(outcome)[Symbol.asyncIterator]();
    const stopClock = whenExpired(
      client.facts.actor?.expiresAt,
      () => void this.#fail(new RouterError("TOKEN_EXPIRED")),
    );
    const closeSource = this.#counted(outcome);
    this.#stopSource = () => {
      stopClock();
      closeSource();
      iterator.return?.().then(undefined, () => {});
    };
    if (this.#isOver) return this.#stopSource();
    try {
      await opened;
      for (let next = await iterator.next(); !next.done && !this.#isOver; next = await iterator.next()) {
        const eventId = "eventId" in next.value ? next.value.eventId : undefined;
        await this.#write(operationEventOf(this.#options.id, next.value.body, eventId));
      }
      await this.#complete();
    } catch (error) {
      await this.#fail(error);
    }
  }

  /** A subscription counts as one until it is over. */
  #counted({ kind }: Outcome): () => void {
    if (kind !== "events") return () => {};
    const { active, client } = this.#options;
    this.#isStream = true;
    client.becomeStream();
    active?.inc({ transport: "sse" });
    let isCounted = true;
    return () => {
      if (isCounted) active?.dec({ transport: "sse" });
      isCounted = false;
    };
  }

  async #fail(error: unknown): Promise<void> {
    if (this.#isOver) return;
    const { id, client, log } = this.#options;
    const { body } = refusalOf(error, client.facts.requestId, log);
    this.#end();
    client.abort(new RouterError("REQUEST_ABORTED"));
    this.#stopSource();
    await this.#write(operationEventOf(id, body));
    await this.#write(operationEndOf(id));
    this.#lastWritten();
  }

  async #complete(): Promise<void> {
    if (this.#isOver) return;
    this.#end();
    this.#stopSource();
    this.#options.client.end();
    await this.#write(operationEndOf(this.#options.id));
    this.#lastWritten();
  }

  #end(): void {
    this.#isOver = true;
    this.#options.onEnd();
  }

  async #write(json: JsonText): Promise<void> {
    await written(await this.#options.opened, json);
  }
}
