/** One TCP connection to a subgraph, with one request at a time on it. */
import { connect, type Socket } from "node:net";
import { ResponseParser } from "./response-parser.js";

/** What is to be sent, and who hears of the answer: the part of undici's `DispatchHandler` an exchange needs. */
export interface Exchanging {
  /** Just before the first byte is written. Throws when nobody waits for the answer any more. */
  onConnect(abort: (error?: Error) => void): void;
  onHeaders(status: number, headers: readonly string[]): void;
  /** The chunk is valid only during the call. */
  onData(chunk: Buffer): void;
  onComplete(): void;
  /** The last call. */
  onError(error: Error): void;
}

export interface ConnectionOwner {
  /** Free for a request. */
  onFree(connection: PlainConnection): void;
  /** Gone, with what it was busy with. An error when it was never open. */
  onGone(connection: PlainConnection, failure: Error | null): void;
}

export interface Place {
  readonly host: string;
  readonly port: number;
  readonly connectTimeoutMs: number;
}

/** Every read is dealt with before the next, so one piece of memory serves all connections. */
const memory = Buffer.allocUnsafeSlow(64 * 1024);

export class PlainConnection {
  readonly #socket: Socket;
  readonly #owner: ConnectionOwner;
  readonly #parser: ResponseParser;
  #exchanging: Exchanging | null = null;
  #isOpen = false;
  #isGone = false;
  #error: Error | null = null;
  /** When it has been idle for too long; milliseconds of `performance.now()`. */
  expiresAt = Number.POSITIVE_INFINITY;

  constructor({ host, port, connectTimeoutMs }: Place, owner: ConnectionOwner) {
    this.#owner = owner;
    this.#parser = new ResponseParser({
      onHead: (status, headers) => this.#exchanging?.onHeaders(status, headers),
      onData: (chunk) => this.#exchanging?.onData(chunk),
      onEnd: () => this.#answered(),
    });
    const callback = (size: number) => this.#read(size);
    this.#socket = connect({ host, port, noDelay: true, onread: { buffer: memory, callback } });
    this.#socket.setTimeout(connectTimeoutMs, () => this.#expire());
    this.#socket.on("connect", () => {
      this.#isOpen = true;
      this.#socket.setTimeout(0);
      this.#owner.onFree(this);
    });
    this.#socket.on("error", (error) => {
      this.#error = error;
    });
    this.#socket.on("end", () => {
      if (!this.#exchanging || !this.#parser.close()) this.#socket.destroy();
    });
    this.#socket.on("close", () => this.#closed());
  }

  get isUsable(): boolean {
    return !this.#socket.destroyed;
  }

  /** How long the other side keeps an idle connection, when it has said so. */
  get idleMs(): number | null {
    return this.#parser.idleMs;
  }

  /** `request` is a whole request, one character per byte. Only for a connection that is free. */
  send(request: string, exchanging: Exchanging): void {
    try {
      exchanging.onConnect((error) => this.destroy(error));
    } catch (error) {
      exchanging.onError(error as Error);
      this.#owner.onFree(this);
      return;
    }
    this.#exchanging = exchanging;
    this.#socket.write(request, "latin1");
  }

  destroy(error?: Error): void {
    this.#error ??= error ?? null;
    this.#socket.destroy();
  }

  #read(size: number): boolean {
    if (this.#isGone) return false;
    try {
      // Nobody has asked for anything.
      if (!this.#exchanging) this.destroy();
      else this.#parser.push(memory.subarray(0, size));
    } catch (error) {
      this.destroy(error as Error);
    }
    return true;
  }

  #answered(): void {
    const exchanging = this.#exchanging;
    this.#exchanging = null;
    if (!this.#parser.keepsAlive) this.#socket.destroy();
    else if (!this.#socket.destroyed) this.#owner.onFree(this);
    exchanging?.onComplete();
  }

  #expire(): void {
    this.destroy(Object.assign(new Error("The connection could not be opened in time."), { code: "ETIMEDOUT" }));
  }

  #closed(): void {
    this.#isGone = true;
    const error = this.#error ?? Object.assign(new Error("The other side closed the connection."), resetCode);
    const exchanging = this.#exchanging;
    this.#exchanging = null;
    this.#owner.onGone(this, this.#isOpen ? null : error);
    exchanging?.onError(error);
  }
}

const resetCode = { code: "ECONNRESET" };
