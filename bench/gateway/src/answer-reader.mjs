/**
 * Reads HTTP/1.1 answers off one connection. Bytes belong to a buffer that is used again, so what is kept is copied.
 * Knows what a gateway sends: a length or chunks, no trailers.
 */
const headEnd = Buffer.from("\r\n\r\n");
const lineEnd = Buffer.from("\r\n");

export class AnswerReader {
  #state = "head";
  #held = null;
  #remaining = 0;
  #answer = null;
  #onAnswer;

  /** @param onAnswer called with `{ status, length, body }`; `body` is null unless `keepNext` was set before. */
  constructor(onAnswer) {
    this.#onAnswer = onAnswer;
  }

  keepNext = false;

  push(bytes) {
    let rest = this.#held ? Buffer.concat([this.#held, bytes]) : bytes;
    this.#held = null;
    while (rest !== null && rest.length > 0) rest = this[this.#state](rest);
  }

  head(bytes) {
    const end = bytes.indexOf(headEnd);
    if (end < 0) return this.#hold(bytes);
    const text = bytes.latin1Slice(0, end);
    const length = /^content-length: *(\d+)/im.exec(text);
    this.#answer = { status: Number(text.slice(9, 12)), length: 0, parts: this.keepNext ? [] : null };
    this.#remaining = Number(length?.[1] ?? 0);
    this.#state = length ? "body" : "size";
    const rest = bytes.subarray(end + 4);
    return length && this.#remaining === 0 ? this.#finish(rest) : rest;
  }

  body(bytes) {
    const rest = this.#take(bytes);
    return this.#remaining === 0 ? this.#finish(rest) : rest;
  }

  size(bytes) {
    const end = bytes.indexOf(lineEnd);
    if (end < 0) return this.#hold(bytes);
    this.#remaining = Number.parseInt(bytes.latin1Slice(0, end), 16);
    this.#state = this.#remaining === 0 ? "last" : "chunk";
    return bytes.subarray(end + 2);
  }

  chunk(bytes) {
    const rest = this.#take(bytes);
    if (this.#remaining === 0) this.#state = "between";
    return rest;
  }

  between(bytes) {
    if (bytes.length < 2) return this.#hold(bytes);
    this.#state = "size";
    return bytes.subarray(2);
  }

  last(bytes) {
    return bytes.length < 2 ? this.#hold(bytes) : this.#finish(bytes.subarray(2));
  }

  #take(bytes) {
    const length = Math.min(bytes.length, this.#remaining);
    this.#remaining -= length;
    this.#answer.length += length;
    this.#answer.parts?.push(Buffer.from(bytes.subarray(0, length)));
    return bytes.subarray(length);
  }

  #hold(bytes) {
    this.#held = Buffer.from(bytes);
    return null;
  }

  #finish(rest) {
    const { status, length, parts } = this.#answer;
    this.#state = "head";
    this.#onAnswer({ status, length, body: parts && Buffer.concat(parts) });
    return rest;
  }
}
