/** One POST whose answer is a stream of events, as a handler of undici's `dispatch`. */
import type { SubgraphResult } from "@tessera/shared-types";
import { type Dispatcher, errors } from "undici";
import { RouterError } from "../../errors/router-error.js";
import { readResponse } from "../wire/graphql-answer.js";
import { rawValues } from "../wire/received-answer.js";
import { type ServerSentEvent, SseParser } from "./sse-parser.js";
import { streamFailure } from "./stream-failure.js";
import type { EventSink } from "./stream-source.js";

export class SseExchange implements Dispatcher.DispatchHandler {
  readonly #subgraph: string;
  readonly #maxBytes: number;
  readonly #sink: EventSink;
  readonly #parser = new SseParser((event) => this.#event(event));
  #abort: ((error?: Error) => void) | null = null;
  #isOver = false;
  #isStream = false;
  /** Of an answer that is no stream. */
  #chunks: Buffer[] = [];
  #size = 0;

  constructor(subgraph: string, maxBytes: number, sink: EventSink) {
    this.#subgraph = subgraph;
    this.#maxBytes = maxBytes;
    this.#sink = sink;
  }

  /** The reader has left: nothing more is told to anybody. */
  stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#abort?.();
  }

  onConnect(abort: (error?: Error) => void): void {
    if (this.#isOver) throw new errors.RequestAbortedError();
    this.#abort = abort;
  }

  onHeaders(_status: number, headers: Buffer[]): boolean {
    this.#isStream = rawValues(headers, "content-type")[0]?.startsWith("text/event-stream") ?? false;
    return true;
  }

  onData(chunk: Buffer): boolean {
    if (this.#isOver) return true;
    if (this.#isStream) this.#parser.write(chunk);
    else this.#chunks.push(chunk);
    this.#size += chunk.length;
    const waiting = this.#isStream ? this.#parser.waiting : this.#size;
    if (waiting > this.#maxBytes) this.#refuse();
    return true;
  }

  onComplete(): void {
    if (this.#isOver) return;
    if (this.#isStream) this.onError(new Error("The stream ended without saying that it is complete."));
    else this.#single(Buffer.concat(this.#chunks).toString("utf8"));
  }

  onError(error: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#sink.fail(streamFailure(error, this.#subgraph));
  }

  #event({ event, data }: ServerSentEvent): void {
    if (this.#isOver) return;
    if (event === "next") this.#next(data);
    if (event === "complete") this.#end(() => this.#sink.complete());
  }

  #next(data: string): void {
    try {
      this.#sink.push(readResponse(data, this.#subgraph));
    } catch (error) {
      this.#end(() => this.#sink.fail(error));
    }
  }

  /** A server that has only one result, or refuses the operation, answers as to any other POST. */
  #single(text: string): void {
    this.#isOver = true;
    try {
      const result: SubgraphResult = readResponse(text, this.#subgraph);
      if (result.errors && !result.data) throw result.errors[0];
      this.#sink.push(result);
      this.#sink.complete();
    } catch (error) {
      this.#sink.fail(error);
    }
  }

  #refuse(): void {
    const details = { subgraph: this.#subgraph, limit: this.#maxBytes };
    this.#end(() => this.#sink.fail(new RouterError("SUBGRAPH_RESPONSE_TOO_LARGE", details)));
  }

  #end(tell: () => void): void {
    tell();
    this.stop();
  }
}
