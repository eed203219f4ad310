/**
 * One POST and its answer, as a handler of undici's `dispatch`: the least work the client can do for a call.
 * https://github.com/nodejs/undici/blob/v7.x/docs/docs/api/Dispatcher.md
 */
import { type Dispatcher, errors } from "undici";
import { RouterError } from "../../errors/router-error.js";
import { type AbortWatcher, abortReason, unwatchAbort, watchAbort } from "./abort-watch.js";
import { ConnectionFailure, type Progress } from "./connection-failure.js";
import { decompress, isEncoded } from "./decompress.js";
import type { Outgoing } from "./outgoing.js";
import { ReceivedAnswer, rawValues } from "./received-answer.js";

export interface ExchangeLimits {
  readonly subgraph: string;
  /** Bytes of an answer, decompressed. */
  readonly maxAnswerBytes: number;
  /** For the whole exchange; `null` leaves it to the signal. */
  readonly timeoutMs: number | null;
}

export class HttpExchange implements Dispatcher.DispatchHandler, AbortWatcher {
  readonly answer: Promise<ReceivedAnswer>;
  readonly #limits: ExchangeLimits;
  readonly #signal: AbortSignal;
  readonly #chunks: Buffer[] = [];
  #resolve!: (answer: ReceivedAnswer) => void;
  #reject!: (error: Error) => void;
  #abort: ((error?: Error) => void) | null = null;
  #timer: NodeJS.Timeout | null = null;
  #progress: Progress = "unsent";
  #isOver = false;
  #status = 0;
  #headers: readonly Buffer[] = [];
  #size = 0;

  constructor(outgoing: Outgoing, limits: ExchangeLimits) {
    this.#limits = limits;
    this.#signal = outgoing.signal;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (outgoing.signal.aborted) {
      this.#fail(abortReason(outgoing.signal));
      return;
    }
    watchAbort(outgoing.signal, this);
    if (limits.timeoutMs !== null) this.#timer = setTimeout(() => this.#expire(), limits.timeoutMs);
  }

  /** Nobody waits any more: there is nothing to send. */
  get isOver(): boolean {
    return this.#isOver;
  }

  onConnect(abort: (error?: Error) => void): void {
    // Thrown, because aborting here would cost a connection that nothing was written to.
    if (this.#isOver) throw new errors.RequestAbortedError();
    this.#abort = abort;
    this.#progress = "unanswered";
  }

  onHeaders(status: number, headers: Buffer[]): boolean {
    this.#progress = "cut";
    this.#status = status;
    this.#headers = headers;
    return true;
  }

  onData(chunk: Buffer): boolean {
    this.#size += chunk.length;
    if (this.#size > this.#limits.maxAnswerBytes) this.#cancel(this.#tooLarge());
    else this.#chunks.push(chunk);
    return true;
  }

  onComplete(): void {
    if (this.#isOver) return;
    const body = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
    const [encoding] = rawValues(this.#headers, "content-encoding");
    if (isEncoded(encoding)) this.#decompress(encoding, body);
    else this.#succeed(body);
  }

  onError(error: Error): void {
    this.#fail(new ConnectionFailure(this.#progress, error));
  }

  aborted(reason: RouterError): void {
    this.#cancel(reason);
  }

  #decompress(encoding: string, body: Buffer): void {
    decompress(encoding, body, this.#limits.maxAnswerBytes).then(
      (whole) => this.#succeed(whole),
      (error: NodeJS.ErrnoException) =>
        this.#fail(error.code === "ERR_BUFFER_TOO_LARGE" ? this.#tooLarge() : new ConnectionFailure("cut", error)),
    );
  }

  #succeed(body: Buffer): void {
    if (this.#isOver) return;
    this.#end();
    this.#resolve(new ReceivedAnswer(this.#status, body.toString("latin1"), this.#headers));
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
    unwatchAbort(this.#signal, this);
    if (this.#timer) clearTimeout(this.#timer);
  }

  #tooLarge(): RouterError {
    const { subgraph, maxAnswerBytes } = this.#limits;
    return new RouterError("SUBGRAPH_RESPONSE_TOO_LARGE", { subgraph, limit: maxAnswerBytes });
  }
}
