/** One operation on a socket, from its `subscribe` to its `complete`. */
import { RouterError } from "../errors/router-error.js";
import { messagesOf } from "../http/outcome-messages.js";
import { refusalOf } from "../http/write-answer.js";
import { type ClientRequest, whenExpired } from "../request/client-request.js";
import { fromJson, type JsonText } from "../request/json-text.js";
import type { ClientAnswer, OperationRequest, Outcome } from "../request/outcome.js";
import { type ClientHeaders, createRequestContext } from "../request/request-context.js";
import { createEventFrames, frame } from "./frames.js";
import type { ConnectionOptions } from "./graphql-sockets.js";
import type { Outgoing } from "./outgoing.js";
import type { Session } from "./session.js";

export interface SocketRequestOptions extends ConnectionOptions {
  readonly outgoing: Outgoing;
  readonly id: string;
  readonly client: ClientRequest;
  readonly headers: ClientHeaders;
  /** Ends the operation with the token it came with, when that is not the token of the socket. */
  readonly expiresAt: number | undefined;
  /** Called once, when the operation is over by itself. */
  readonly onEnd: () => void;
}

export class SocketRequest {
  readonly client: ClientRequest;
  /** A stream, or still a query that somebody waits for. */
  isStream = false;
  readonly #options: SocketRequestOptions;
  readonly #headers: Record<string, ClientHeaders[string]>;
  #isOutdated = false;
  #isOver = false;
  #stopSource = () => {};

  constructor(options: SocketRequestOptions) {
    this.#options = options;
    this.client = options.client;
    this.#headers = { ...options.headers };
  }

  /** Resolves when the operation is over, or has become a stream. */
  async run(request: OperationRequest): Promise<void> {
    const { run } = this.#options;
    try {
      const context = createRequestContext(this.client.facts, this.#headers, this.client);
      const outcome = await run(request, context, { mayStream: true, mayMutate: true });
      if (this.#isOver) return discard(outcome);
      if (outcome.kind !== "events") return await this.#answer(outcome);
      if (this.#isOutdated) {
        discard(outcome);
        return await this.fail(new RouterError("ACCESS_CHANGED"));
      }
      this.client.becomeStream();
      this.isStream = true;
      void this.#stream(outcome);
    } catch (error) {
      await this.#refuse(error);
    }
  }

  /** A new token of the same person: what is asked from now on, is asked with it. */
  renew({ identity, headers: { authorization } }: Session): void {
    this.client.renew(identity);
    this.#headers.authorization = authorization;
  }

  /** A new token with other rights: a stream that was asked for with the old ones has to be asked for again. */
  changeAccess(): void {
    this.#isOutdated = true;
    if (this.isStream) void this.fail(new RouterError("ACCESS_CHANGED"));
  }

  /** Ends the operation without another word. */
  stop(reason = new RouterError("REQUEST_ABORTED")): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.client.abort(reason);
    this.client.end();
    this.#stopSource();
  }

  /** Ends the operation with an error. */
  async fail(error: unknown): Promise<void> {
    if (this.#isOver) return;
    this.client.abort(error instanceof RouterError ? error : new RouterError("REQUEST_ABORTED"));
    this.#stopSource();
    await this.#refuse(error);
  }

  async #answer(outcome: Outcome): Promise<void> {
    if (outcome.kind === "single" && outcome.answer.isRequestError) return this.#sendErrors(errorsIn(outcome.answer));
    await this.#send(outcome);
  }

  async #stream(outcome: Outcome): Promise<void> {
    const { activeStreams: active, expiresAt } = this.#options;
    active?.inc({ transport: "websocket" });
    const stopClock = whenExpired(expiresAt, () => void this.fail(new RouterError("TOKEN_EXPIRED")));
    try {
      await this.#send(outcome);
    } catch (error) {
      await this.#refuse(error);
    } finally {
      stopClock();
      active?.dec({ transport: "websocket" });
    }
  }

  async #send(outcome: Outcome): Promise<void> {
    const { outgoing, id } = this.#options;
    const piecesOf = createEventFrames(id);
    const sendNext = (body: JsonText): Promise<void> =>
      outcome.kind === "events" ? outgoing.sendPieces(piecesOf(body)) : outgoing.send(frame(id, "next", body));
    const iterator = messagesOf(outcome)[Symbol.asyncIterator]();
    this.#stopSource = () => void iterator.return?.().then(undefined, () => {});
    for (let next = await iterator.next(); !next.done && !this.#isOver; next = await iterator.next()) {
      await sendNext(next.value.body);
    }
    if (this.#isOver) return;
    this.#end();
    await outgoing.sendMessage({ id, type: "complete" });
  }

  /** What refuses an operation before or after its first answer. */
  async #refuse(error: unknown): Promise<void> {
    if (this.#isOver) return;
    const { requestId } = this.client.facts;
    const { body } = refusalOf(error, requestId, this.#options.log);
    await this.#sendErrors(errorsIn({ body }));
  }

  #sendErrors(payload: unknown): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    this.#end();
    const { outgoing, id } = this.#options;
    return outgoing.sendMessage({ id, type: "error", payload });
  }

  #end(): void {
    this.#isOver = true;
    this.client.end();
    this.#options.onEnd();
  }
}

function discard(outcome: Outcome): void {
  if (outcome.kind === "single") return;
  const source = outcome.kind === "parts" ? outcome.parts : outcome.events;
  source[Symbol.asyncIterator]()
    .return?.()
    .then(undefined, () => {});
}

function errorsIn({ body: { text } }: Pick<ClientAnswer, "body">): unknown {
  return (fromJson(text) as { readonly errors: unknown }).errors;
}
