/** One socket: what its client says, message by message. */
import type { IncomingMessage } from "node:http";
import { requestIdFrom } from "@tessera/telemetry";
import { CloseCode, MessageType, parseMessage, type SubscribeMessage } from "graphql-ws";
import type { RawData, WebSocket } from "ws";
import { RouterError } from "../errors/router-error.js";
import { IdentityRefused } from "../identity/identify.js";
import { type ClientIdentity, ClientRequest, whenExpired } from "../request/client-request.js";
import type { ClientHeaders } from "../request/request-context.js";
import type { ConnectionOptions, CurrentOptions } from "./graphql-sockets.js";
import { Outgoing } from "./outgoing.js";
import { closeCodes, haveSameRights, headersIn, isSamePerson, refuseSocket, type Session } from "./session.js";
import { SocketRequest } from "./socket-request.js";

const initiationMs = 3_000;
/** Who leaves more unread, and goes on talking, is cut off. */
const mostUnread = 64 * 1024 * 1024;

export class SocketConnection {
  readonly socket: WebSocket;
  /** Answered the last ping. */
  isAlive = true;
  /** Queries and mutations on their way. */
  readonly answering = new Set<Promise<void>>();
  readonly #request: IncomingMessage;
  readonly #outgoing: Outgoing;
  readonly #current: CurrentOptions;
  readonly #operations = new Map<string, SocketRequest>();
  /** Ids of operations whose sender is being looked for. */
  readonly #pending = new Map<string, object>();
  readonly #patience: NodeJS.Timeout;
  #session: Session | null = null;
  #isInitiated = false;
  #renewals = 0;
  #stopClock = () => {};

  constructor(socket: WebSocket, request: IncomingMessage, current: CurrentOptions) {
    this.socket = socket;
    this.#request = request;
    this.#outgoing = new Outgoing(socket);
    this.#current = current;
    const giveUp = () => socket.close(CloseCode.ConnectionInitialisationTimeout, "Connection initialisation timeout");
    this.#patience = setTimeout(giveUp, initiationMs);
    socket.on("pong", () => {
      this.isAlive = true;
    });
    // Answered before by the library.
    socket.on("ping", () => void this.#cutWhoNeverReads());
    socket.on("message", (data) => this.#receive(data));
    socket.on("error", (error) => this.#options.log.debug({ err: error }, "socket failed"));
    socket.once("close", () => this.#close());
  }

  get #options(): ConnectionOptions {
    return this.#current();
  }

  /** Its client has taken nothing for so long, while something waited for it. */
  get stuckFor(): number {
    return this.#outgoing.stuckFor();
  }

  /** Lets nothing more gather for a client that does not read. The reason waits behind what it has not read. */
  giveUp(reason: "SLOW_CONSUMER" | "PING_NOT_ANSWERED"): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    this.#options.log.info(
      { reason, stuckFor: Math.round(this.stuckFor) },
      "a client that does not read is disconnected",
    );
    this.#stopOperations();
    this.socket.close(closeCodes.tryAgainLater, reason);
  }

  #cutWhoNeverReads(): boolean {
    if (this.socket.bufferedAmount <= mostUnread) return false;
    this.socket.terminate();
    return true;
  }

  #receive(data: RawData): void {
    if (this.#cutWhoNeverReads()) return;
    let message: ReturnType<typeof parseMessage>;
    try {
      message = parseMessage(String(data));
    } catch {
      return void this.socket.close(CloseCode.BadRequest, "Invalid message received");
    }
    this.#handle(message).catch((error) => {
      this.#options.log.error({ err: error }, "socket message failed");
      this.socket.close(CloseCode.InternalServerError, "INTERNAL_SERVER_ERROR");
    });
  }

  async #handle(message: ReturnType<typeof parseMessage>): Promise<void> {
    switch (message.type) {
      case MessageType.ConnectionInit:
        return this.#initiate(message.payload);
      case MessageType.Ping:
        return this.#ping(message.payload);
      case MessageType.Pong:
        return;
      case MessageType.Subscribe:
        return this.#subscribe(message);
      case MessageType.Complete:
        this.#operations.get(message.id)?.stop();
        this.#operations.delete(message.id);
        this.#pending.delete(message.id);
        return;
      default:
        this.socket.close(CloseCode.BadRequest, "Invalid message received");
    }
  }

  async #initiate(payload: unknown): Promise<void> {
    if (this.#isInitiated) {
      return this.socket.close(CloseCode.TooManyInitialisationRequests, "Too many initialisation requests");
    }
    this.#isInitiated = true;
    clearTimeout(this.#patience);
    const headers = headersIn(payload);
    const { identify: by } = this.#options;
    const identity = await this.#identify(headers);
    if (!identity) return;
    this.#begin({ identity, headers, by });
    await this.#outgoing.sendMessage({ type: "connection_ack" });
  }

  /** Closes the socket of whoever cannot be verified. */
  async #identify(headers: ClientHeaders): Promise<ClientIdentity | null> {
    try {
      return await this.#options.identify(headers);
    } catch (error) {
      if (!(error instanceof IdentityRefused)) this.#options.log.error({ err: error }, "socket not verified");
      refuseSocket(this.socket, error);
      return null;
    }
  }

  #begin(session: Session): void {
    this.#session = session;
    this.#stopClock();
    this.#stopClock = whenExpired(session.identity.actor?.expiresAt, () => {
      this.socket.close(closeCodes.forbidden, "TOKEN_EXPIRED");
    });
    if (this.socket.readyState !== this.socket.OPEN) this.#stopClock();
  }

  /** A ping may bring a new token of the same person: their streams go on with it. */
  async #ping(payload: unknown): Promise<void> {
    const { authorization } = headersIn(payload);
    if (authorization === undefined || !this.#session) {
      return this.#outgoing.sendMessage(payload ? { type: "pong", payload } : { type: "pong" });
    }
    this.#renewals += 1;
    const turn = this.#renewals;
    const headers = { ...this.#session.headers, authorization };
    const { identify: by } = this.#options;
    const identity = await this.#identify(headers);
    if (!identity || turn !== this.#renewals) return;
    if (!isSamePerson(this.#session.identity.actor, identity.actor)) {
      return this.socket.close(closeCodes.forbidden, "OTHER_IDENTITY");
    }
    this.#renew({ identity, headers, by });
    const expiresAt = identity.actor?.expiresAt;
    await this.#outgoing.sendMessage({ type: "pong", payload: { renewed: true, ...(expiresAt ? { expiresAt } : {}) } });
  }

  #renew(session: Session): void {
    const isSame = haveSameRights(this.#session?.identity.actor ?? null, session.identity.actor);
    this.#begin(session);
    for (const operation of this.#operations.values()) {
      if (isSame) operation.renew(session);
      else operation.changeAccess();
    }
  }

  async #subscribe({ id, payload }: SubscribeMessage): Promise<void> {
    const session = this.#session;
    if (!session) return this.socket.close(CloseCode.Unauthorized, "Unauthorized");
    if (this.#operations.has(id) || this.#pending.has(id)) {
      return this.socket.close(CloseCode.SubscriberAlreadyExists, `Subscriber for ${id} already exists`);
    }
    const own = headersIn(payload.extensions?.headers);
    // Explorers keep one anonymous socket and say with each operation who asks.
    const asks = !session.identity.actor && (own.authorization ?? own["x-api-key"]) !== undefined;
    const headers = asks ? { ...session.headers, ...own } : { ...own, ...session.headers };
    const { operationsPerSocket: limit } = this.#options;
    if (this.#operations.size + this.#pending.size >= limit) {
      return this.#refuse(id, headers, new RouterError("TOO_MANY_OPERATIONS", { limit }));
    }
    const isSure = !asks && session.by === this.#options.identify;
    const known = isSure ? session.identity : null;
    const identity = known ?? (await (asks ? this.#identifyOne(id, headers) : this.#identifyAgain(id, session)));
    if (!identity) return;
    await this.#track(this.#open(id, identity, headers, asks ? identity.actor?.expiresAt : undefined), payload);
  }

  #track(operation: SocketRequest, payload: SubscribeMessage["payload"]): Promise<void> {
    const answered = operation.run({
      ...{ query: payload.query || undefined, operationName: payload.operationName },
      ...{ variables: payload.variables, extensions: payload.extensions ?? undefined },
    });
    this.answering.add(answered);
    return answered.finally(() => this.answering.delete(answered));
  }

  #open(id: string, identity: ClientIdentity, headers: ClientHeaders, expiresAt: number | undefined): SocketRequest {
    const { clientAddress, deadlines } = this.#options;
    const request = this.#request;
    // Sockets carry no cookies: a page of another site could open one with the cookies of its visitor.
    const client = new ClientRequest({
      ...{ requestId: requestIdFrom(), identity, deadlines, userAgent: request.headers["user-agent"] },
      clientAddress: clientAddress ? clientAddress(request) : request.socket.remoteAddress,
    });
    const onEnd = () => void this.#operations.delete(id);
    const operation = new SocketRequest({
      ...this.#options,
      ...{ outgoing: this.#outgoing, id, client, headers, expiresAt, onEnd },
    });
    this.#operations.set(id, operation);
    return operation;
  }

  /** Rules about who is who may have changed since the socket was opened. */
  async #identifyAgain(id: string, session: Session): Promise<ClientIdentity | null> {
    const { identify: by } = this.#options;
    const identity = await this.#identifyOne(id, session.headers);
    if (identity && this.#session === session) this.#begin({ ...session, identity, by });
    return identity;
  }

  /** Until it is known who asks, the id is taken; `null` when the client has completed it by then, or is refused. */
  async #identifyOne(id: string, headers: ClientHeaders): Promise<ClientIdentity | null> {
    const turn = {};
    this.#pending.set(id, turn);
    const isStillAsked = () => this.#pending.get(id) === turn && this.#pending.delete(id);
    try {
      const identity = await this.#options.identify(headers);
      return isStillAsked() ? identity : null;
    } catch (error) {
      if (isStillAsked()) await this.#refuse(id, headers, error);
      return null;
    }
  }

  /** Refuses one operation, and leaves the socket to others. */
  #refuse(id: string, headers: ClientHeaders, error: unknown): Promise<void> {
    return this.#open(id, { actor: null }, headers, undefined).fail(error);
  }

  #close(): void {
    clearTimeout(this.#patience);
    this.#stopClock();
    this.#stopOperations();
  }

  #stopOperations(): void {
    for (const operation of this.#operations.values()) operation.stop();
    this.#operations.clear();
    this.#pending.clear();
  }
}
