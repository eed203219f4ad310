/**
 * One POST and its answer, as a handler of undici's `dispatch`: the least work the client can do for a call. A plain pool
 * calls it in the same way.
 * https://github.com/nodejs/undici/blob/v7.x/docs/docs/api/Dispatcher.md
 */
import { isAscii, isUtf8 } from "node:buffer";
import { type Dispatcher, errors, type Pool } from "undici";
import { RouterError } from "../../errors/router-error.js";
import { type AbortWatcher, abortReason, unwatchAbort, watchAbort } from "./abort-watch.js";
import { ConnectionFailure, type Progress } from "./connection-failure.js";
import { decompress, isEncoded } from "./decompress.js";
import { looksLikeObject } from "./graphql-answer.js";
import type { Outgoing } from "./outgoing.js";
import type { Exchanging } from "./plain/plain-connection.js";
import { PlainPool } from "./plain/plain-pool.js";
import { ReceivedAnswer, rawValues } from "./received-answer.js";

export interface ExchangeLimits {
  readonly subgraph: string;
  /** Bytes of an answer, decompressed. */
  readonly maxAnswerBytes: number;
  /** For the whole exchange; `null` leaves it to the signal. */
  readonly timeoutMs: number | null;
}

/** Where an exchange may run. */
export interface Route {
  readonly path: string;
  /** Connections that are kept. */
  kept(kind: Outgoing["kind"]): Pool | PlainPool;
  /** Connections nobody has had time to close, because each is new. */
  fresh(): Pool;
}

/**
 * A subgraph may close a kept connection just when a request is about to use it, or while one is on its way. What meets
 * this runs once more, on a new connection; but a mutation only when nothing of it was written, because the subgraph may
 * have acted on it.
 */
export class HttpExchange implements Dispatcher.DispatchHandler, Exchanging, AbortWatcher {
  readonly answer: Promise<ReceivedAnswer>;
  readonly #outgoing: Outgoing;
  readonly #limits: ExchangeLimits;
  readonly #route: Route;
  #resolve!: (answer: ReceivedAnswer) => void;
  #reject!: (error: Error) => void;
  #abort: ((error?: Error) => void) | null = null;
  #timer: NodeJS.Timeout | null = null;
  #progress: Progress = "unsent";
  #isRepeated = false;
  #isOver = false;
  #status = 0;
  #headers: readonly (Buffer | string)[] = [];
  /** One character per byte. */
  #text = "";
  #isAscii = true;

  constructor(outgoing: Outgoing, limits: ExchangeLimits, route: Route) {
    this.#outgoing = outgoing;
    this.#limits = limits;
    this.#route = route;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  start(): this {
    const { signal } = this.#outgoing;
    const { timeoutMs } = this.#limits;
    if (signal.aborted) this.#fail(abortReason(signal));
    else {
      watchAbort(signal, this);
      if (timeoutMs !== null) this.#timer = setTimeout(() => this.#expire(), timeoutMs);
      this.#dispatch(this.#route.kept(this.#outgoing.kind));
    }
    return this;
  }

  onConnect(abort: (error?: Error) => void): void {
    // Thrown, because aborting here would cost a connection that nothing was written to.
    if (this.#isOver) throw new errors.RequestAbortedError();
    this.#abort = abort;
    this.#progress = "unanswered";
  }

  onHeaders(status: number, headers: readonly (Buffer | string)[]): boolean {
    this.#progress = "cut";
    this.#status = status;
    this.#headers = headers;
    return true;
  }

  onData(chunk: Buffer): boolean {
    if (this.#isOver) return true;
    if (this.#text.length + chunk.length > this.#limits.maxAnswerBytes) this.#cancel(this.#tooLarge());
    else {
      this.#text += chunk.toString("latin1");
      this.#isAscii &&= isAscii(chunk);
    }
    return true;
  }

  onComplete(): void {
    if (this.#isOver) return;
    const [encoding] = rawValues(this.#headers, "content-encoding");
    if (isEncoded(encoding)) this.#decompress(encoding, Buffer.from(this.#text, "latin1"));
    else if (this.#isAscii) this.#succeed(this.#text);
    else this.#succeedWith(Buffer.from(this.#text, "latin1"));
  }

  onError(error: Error): void {
    if (this.#isOver) return;
    if (!this.#isRepeated && mayHaveBeenIdle(error, this.#progress, this.#outgoing.kind)) {
      this.#isRepeated = true;
      this.#progress = "unsent";
      this.#dispatch(this.#route.fresh());
    } else this.#fail(new ConnectionFailure(this.#progress, error));
  }

  aborted(reason: RouterError): void {
    this.#cancel(reason);
  }

  #dispatch(pool: Pool | PlainPool): void {
    const { headers, body, kind } = this.#outgoing;
    const { path } = this.#route;
    if (pool instanceof PlainPool) {
      pool.dispatch({ path, headers, body }, this);
      return;
    }
    const bytes = typeof body === "string" ? Buffer.from(body, "latin1") : body;
    const idempotent = kind === "query";
    pool.dispatch({ path, method: "POST", headers: headers as string[], body: bytes, idempotent }, this);
  }

  #decompress(encoding: string, body: Buffer): void {
    decompress(encoding, body, this.#limits.maxAnswerBytes).then(
      (whole) => this.#succeedWith(whole),
      (error: NodeJS.ErrnoException) =>
        this.#fail(error.code === "ERR_BUFFER_TOO_LARGE" ? this.#tooLarge() : new ConnectionFailure("cut", error)),
    );
  }

  /** What is no UTF-8 would make no JSON of the client's answer either. */
  #succeedWith(body: Buffer): void {
    this.#succeed((isUtf8(body) ? body : Buffer.from(body.toString("utf8"))).toString("latin1"));
  }

  /** Proxies and crashed servers answer with pages, of which nothing is for clients. */
  #succeed(text: string): void {
    if (this.#isOver) return;
    if (!looksLikeObject(text)) {
      const { subgraph } = this.#limits;
      this.#fail(new RouterError("SUBGRAPH_INVALID_RESPONSE", { subgraph, status: this.#status }));
      return;
    }
    this.#end();
    this.#resolve(new ReceivedAnswer(this.#status, text, this.#headers));
  }

  #expire(): void {
    const { subgraph, timeoutMs } = this.#limits;
    this.#cancel(new RouterError("SUBGRAPH_TIMEOUT", { subgraph, limit: timeoutMs }));
  }

  #cancel(reason: RouterError): void {
    this.#fail(reason);
    this.#abort?.(reason);
  }

  #fail(error: Error): void {
    if (this.#isOver) return;
    this.#end();
    this.#reject(error);
  }

  #end(): void {
    this.#isOver = true;
    unwatchAbort(this.#outgoing.signal, this);
    if (this.#timer) clearTimeout(this.#timer);
  }

  #tooLarge(): RouterError {
    const { subgraph, maxAnswerBytes } = this.#limits;
    return new RouterError("SUBGRAPH_RESPONSE_TOO_LARGE", { subgraph, limit: maxAnswerBytes });
  }
}

const resets = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"]);

function mayHaveBeenIdle(error: NodeJS.ErrnoException, progress: Progress, kind: Outgoing["kind"]): boolean {
  if (progress === "unsent") return resets.has(error.code ?? "");
  return progress === "unanswered" && kind === "query";
}
