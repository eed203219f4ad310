/**
 * Connections to one instance of a subgraph over plain HTTP/1.1, for calls alone: a request is one string, written at
 * once, and an answer is read where it lies. That takes half of what a client for every purpose takes, and calls are the
 * most of what a router does. TLS, HTTP/2 and streams go through undici.
 */
import { type Exchanging, PlainConnection } from "./plain-connection.js";

export interface PlainPoolOptions {
  readonly maxConnections: number;
  readonly connectTimeoutMs: number;
  /** How long an idle connection is kept when the other side says nothing about it. */
  readonly keepAliveTimeoutMs: number;
}

/** Method, path, headers and body of a request. */
export interface PlainRequest {
  readonly path: string;
  /** Name, value, name, value, … */
  readonly headers: readonly string[];
  /** One character per byte, or bytes. */
  readonly body: string | Buffer;
}

interface Waiting {
  readonly text: string;
  readonly exchanging: Exchanging;
}

/** Before the other side closes a connection by what it says, this side does. */
const marginMs = 1_000;
const sweepMs = 500;

export class PlainPool {
  readonly #options: PlainPoolOptions;
  readonly #place: { readonly host: string; readonly port: number; readonly connectTimeoutMs: number };
  readonly #hostLine: string;
  /** The one that was used last comes first: those that are too many grow old. */
  readonly #free: PlainConnection[] = [];
  readonly #all = new Set<PlainConnection>();
  readonly #waiting: Waiting[] = [];
  #opening = 0;
  #sweeper: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(url: URL, options: PlainPoolOptions) {
    const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
    const port = url.port === "" ? 80 : Number(url.port);
    this.#options = options;
    this.#place = { host, port, connectTimeoutMs: options.connectTimeoutMs };
    this.#hostLine = `host: ${url.host}\r\nconnection: keep-alive\r\n`;
  }

  dispatch(request: PlainRequest, exchanging: Exchanging): void {
    let text: string;
    try {
      text = this.#textOf(request);
    } catch (error) {
      exchanging.onError(error as Error);
      return;
    }
    let free = this.#free.pop();
    while (free && !free.isUsable) free = this.#free.pop();
    if (free) return void free.send(text, exchanging);
    this.#waiting.push({ text, exchanging });
    this.#open();
  }

  async destroy(): Promise<void> {
    this.#isClosed = true;
    if (this.#sweeper) clearInterval(this.#sweeper);
    const error = new Error("The connections to the subgraph are closed.");
    for (const { exchanging } of this.#waiting.splice(0)) exchanging.onError(error);
    for (const connection of this.#all) connection.destroy(error);
  }

  /** @throws for a header that would end before it should. */
  #textOf({ path, headers, body }: PlainRequest): string {
    let head = `POST ${path} HTTP/1.1\r\n${this.#hostLine}`;
    for (let at = 0; at < headers.length; at += 2) {
      const name = headers[at] as string;
      const value = headers[at + 1] as string;
      if (!isName.test(name) || isNoValue.test(value)) throw new TypeError(`The header ${name} cannot be sent.`);
      head += `${name}: ${value}\r\n`;
    }
    const text = typeof body === "string" ? body : body.toString("latin1");
    return `${head}content-length: ${text.length}\r\n\r\n${text}`;
  }

  #open(): void {
    const { maxConnections } = this.#options;
    const isFull = maxConnections > 0 && this.#all.size >= maxConnections;
    if (this.#isClosed || isFull || this.#opening >= this.#waiting.length) return;
    this.#opening += 1;
    let isOpening = true;
    const opened = () => {
      if (isOpening) this.#opening -= 1;
      isOpening = false;
    };
    const connection = new PlainConnection(this.#place, {
      onFree: (free) => {
        opened();
        this.#take(free);
      },
      onGone: (gone, failure) => {
        opened();
        this.#lose(gone, failure);
      },
    });
    this.#all.add(connection);
  }

  #take(connection: PlainConnection): void {
    const next = this.#waiting.shift();
    if (next) return void connection.send(next.text, next.exchanging);
    const { keepAliveTimeoutMs } = this.#options;
    const { idleMs } = connection;
    const keptMs = idleMs === null ? keepAliveTimeoutMs : idleMs - marginMs;
    if (keptMs <= 0 || this.#isClosed) return void connection.destroy();
    connection.expiresAt = performance.now() + keptMs;
    this.#free.push(connection);
    this.#sweeper ??= setInterval(() => this.#sweep(), sweepMs).unref();
  }

  /** A connection that never opened takes one request with it: the next one tries again. */
  #lose(connection: PlainConnection, failure: Error | null): void {
    this.#all.delete(connection);
    const at = this.#free.indexOf(connection);
    if (at !== -1) this.#free.splice(at, 1);
    if (failure) this.#waiting.shift()?.exchanging.onError(failure);
    this.#open();
  }

  #sweep(): void {
    const now = performance.now();
    for (const connection of this.#free.filter(({ expiresAt }) => expiresAt <= now)) {
      this.#free.splice(this.#free.indexOf(connection), 1);
      connection.destroy();
    }
    if (this.#all.size > 0 || !this.#sweeper) return;
    clearInterval(this.#sweeper);
    this.#sweeper = null;
  }
}

const isName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const isNoValue = /[^\t\x20-\x7e\x80-\xff]/;
