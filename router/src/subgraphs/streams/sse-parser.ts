/** Reads `text/event-stream`: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream */
import { StringDecoder } from "node:string_decoder";

export interface ServerSentEvent {
  readonly event: string;
  readonly data: string;
}

export class SseParser {
  readonly #onEvent: (event: ServerSentEvent) => void;
  readonly #decoder = new StringDecoder("utf8");
  /** The beginning of a line whose end has not come yet. */
  #rest = "";
  #event = "";
  #data: string[] = [];

  constructor(onEvent: (event: ServerSentEvent) => void) {
    this.#onEvent = onEvent;
  }

  /** Characters kept for an event that is not complete. */
  get waiting(): number {
    return this.#data.reduce((total, { length }) => total + length, this.#rest.length);
  }

  write(chunk: Buffer): void {
    const text = this.#rest + this.#decoder.write(chunk);
    // A carriage return at the very end may be the first half of a line break.
    const end = text.endsWith("\r") ? text.length - 1 : text.length;
    const lines = text.slice(0, end).split(/\r\n|\n|\r/);
    this.#rest = (lines.pop() ?? "") + text.slice(end);
    for (const line of lines) {
      if (line === "") this.#dispatch();
      else this.#field(line);
    }
  }

  #field(line: string): void {
    const [, field, value] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === "event") this.#event = value ?? "";
    else if (field === "data") this.#data.push(value ?? "");
  }

  /** An event without data is one all the same here: `complete` may come so. */
  #dispatch(): void {
    const event = { event: this.#event || "message", data: this.#data.join("\n") };
    const isEmpty = this.#event === "" && this.#data.length === 0;
    this.#event = "";
    this.#data = [];
    if (!isEmpty) this.#onEvent(event);
  }
}
