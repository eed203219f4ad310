/**
 * Reads the responses of one HTTP/1.1 connection, https://www.rfc-editor.org/rfc/rfc9112: a head, and a body of a known
 * length, in chunks, or up to the end of the connection. What is against the grammar is refused, not guessed at.
 */

export interface ResponseHandler {
  /** Names and values in turn, as they came. Nobody is told of interim responses. */
  onHead(status: number, headers: readonly string[]): void;
  /** Valid only during the call. */
  onData(chunk: Buffer): void;
  onEnd(): void;
}

export class InvalidResponse extends Error {
  readonly code = "INVALID_HTTP_RESPONSE";
}

const endOfHead = "\r\n\r\n";

/** Of a head, and of the lines around chunks. */
const longestHead = 64 * 1024;
const longestLine = 1024;

type Stage = "head" | "length" | "chunk-size" | "chunk" | "chunk-end" | "trailers" | "until-close";

export class ResponseParser {
  readonly #handler: ResponseHandler;
  #stage: Stage = "head";
  /** Of the head, of a line, that has come in part. */
  #text = "";
  /** Of the body or of the chunk. */
  #left = 0;
  #isEnded = false;
  #keepAlive = true;
  #idleMs: number | null = null;

  constructor(handler: ResponseHandler) {
    this.#handler = handler;
  }

  /** After an end: whether another request may follow on the connection. */
  get keepsAlive(): boolean {
    return this.#keepAlive;
  }

  /** After an end: how long the other side keeps the connection open, when it says so. */
  get idleMs(): number | null {
    return this.#idleMs;
  }

  /** Calls the handler with what `bytes` holds of one response. What follows its end costs the connection. @throws InvalidResponse */
  push(bytes: Buffer): void {
    this.#isEnded = false;
    let at = 0;
    while (at < bytes.length && !this.#isEnded) at = this.#step(bytes, at);
    if (!this.#isEnded) return;
    if (at < bytes.length) this.#keepAlive = false;
    this.#handler.onEnd();
  }

  /** The other side has closed. True when that was the end of a response. */
  close(): boolean {
    if (this.#stage !== "until-close") return false;
    this.#end();
    this.#handler.onEnd();
    return true;
  }

  #step(bytes: Buffer, at: number): number {
    switch (this.#stage) {
      case "head":
        return this.#readHead(bytes, at);
      case "length":
      case "chunk":
        return this.#readBody(bytes, at);
      case "until-close":
        this.#handler.onData(at === 0 ? bytes : bytes.subarray(at));
        return bytes.length;
      default:
        return this.#readLine(bytes, at);
    }
  }

  #readHead(bytes: Buffer, at: number): number {
    const before = this.#text;
    // Mostly all of it is there at once.
    const end = before === "" ? bytes.indexOf(endOfHead, at, "latin1") : -1;
    if (end !== -1 && end - at < longestHead) {
      this.#takeHead(bytes.toString("latin1", at, end));
      return end + endOfHead.length;
    }
    const text = before + bytes.toString("latin1", at, Math.min(bytes.length, at + longestHead));
    const endOfText = text.indexOf(endOfHead, Math.max(0, before.length - endOfHead.length + 1));
    if (endOfText === -1) {
      if (text.length >= longestHead) throw new InvalidResponse("The head of the response is too long.");
      this.#text = text;
      return bytes.length;
    }
    this.#text = "";
    this.#takeHead(text.slice(0, endOfText));
    return at + endOfText + endOfHead.length - before.length;
  }

  #takeHead(text: string): void {
    const lineEnd = text.indexOf("\r\n");
    const line = lineEnd === -1 ? text : text.slice(0, lineEnd);
    const [, minor, code] = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: [^\r\n]*)?$/.exec(line) ?? [];
    if (code === undefined) throw new InvalidResponse("The response does not begin as HTTP/1.1 does.");
    const status = Number(code);
    const headers = lineEnd === -1 ? [] : headersOf(text.slice(lineEnd + 2));
    if (status === 101) throw new InvalidResponse("The response changes the protocol, which nobody asked for.");
    if (status < 200) return;
    const framing = framingOf(headers, minor === "1");
    this.#keepAlive = framing.keepsAlive;
    this.#idleMs = framing.idleMs;
    this.#handler.onHead(status, headers);
    this.#begin(status === 204 || status === 304 ? 0 : framing.length);
  }

  #begin(length: number | "chunked" | "until-close"): void {
    if (length === "chunked") this.#stage = "chunk-size";
    else if (length === "until-close") {
      this.#stage = "until-close";
      this.#keepAlive = false;
    } else {
      this.#stage = "length";
      this.#left = length;
      if (length === 0) this.#end();
    }
  }

  #readBody(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#left);
    this.#left -= end - at;
    this.#handler.onData(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
    if (this.#left > 0) return end;
    if (this.#stage === "chunk") this.#stage = "chunk-end";
    else this.#end();
    return end;
  }

  #readLine(bytes: Buffer, at: number): number {
    const lineFeed = bytes.indexOf(10, at);
    const end = lineFeed === -1 ? bytes.length : lineFeed + 1;
    const text = this.#text + bytes.toString("latin1", at, Math.min(end, at + longestLine));
    if (text.length >= longestLine) throw new InvalidResponse("A line between chunks is too long.");
    if (lineFeed === -1) this.#text = text;
    else {
      this.#text = "";
      if (!text.endsWith("\r\n")) throw new InvalidResponse("A line between chunks does not end as lines do.");
      this.#takeLine(text.slice(0, -2));
    }
    return end;
  }

  #takeLine(line: string): void {
    if (this.#stage === "chunk-size") {
      const [, digits] = /^([0-9a-f]{1,8})[ \t]*(?:;.*)?$/i.exec(line) ?? [];
      if (digits === undefined) throw new InvalidResponse("The size of a chunk is no number.");
      this.#left = Number.parseInt(digits, 16);
      this.#stage = this.#left === 0 ? "trailers" : "chunk";
    } else if (this.#stage === "chunk-end") {
      if (line !== "") throw new InvalidResponse("A chunk is longer than it says.");
      this.#stage = "chunk-size";
    } else if (line === "") this.#end();
  }

  #end(): void {
    this.#stage = "head";
    this.#isEnded = true;
  }
}

const fieldLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/;

function headersOf(text: string): string[] {
  const headers: string[] = [];
  for (const line of text.split("\r\n")) {
    const [, name, value] = fieldLine.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new InvalidResponse("A header line has no name and value.");
    headers.push(name, value.trimEnd());
  }
  return headers;
}

interface Framing {
  length: number | "chunked" | "until-close";
  keepsAlive: boolean;
  idleMs: number | null;
}

/** How long the body is, and what becomes of the connection after it. */
function framingOf(headers: readonly string[], isNew: boolean): Framing {
  const framing: Framing = { length: "until-close", keepsAlive: isNew, idleMs: null };
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] as string;
    const value = headers[at + 1] as string;
    if (name.length === 14 && /^content-length$/i.test(name)) takeLength(framing, value);
    else if (name.length === 17 && /^transfer-encoding$/i.test(name)) takeCoding(framing, value);
    else if (name.length === 10 && /^connection$/i.test(name)) takeConnection(framing, value);
    else if (name.length === 10 && /^keep-alive$/i.test(name)) {
      const [, seconds] = /timeout=(\d{1,6})/i.exec(value) ?? [];
      if (seconds !== undefined) framing.idleMs = Number(seconds) * 1000;
    }
  }
  return framing;
}

function takeLength(framing: Framing, value: string): void {
  const length = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
  // Two lengths, or a length beside chunks, is how responses are smuggled.
  if (Number.isNaN(length) || framing.length !== "until-close") throw new InvalidResponse("The length is unclear.");
  framing.length = length;
}

function takeCoding(framing: Framing, value: string): void {
  if (value.toLowerCase() !== "chunked" || framing.length !== "until-close") {
    throw new InvalidResponse("The transfer coding is not understood.");
  }
  framing.length = "chunked";
}

function takeConnection(framing: Framing, value: string): void {
  if (/(?:^|,)[ \t]*close[ \t]*(?:,|$)/i.test(value)) framing.keepsAlive = false;
  else if (/(?:^|,)[ \t]*keep-alive[ \t]*(?:,|$)/i.test(value)) framing.keepsAlive = true;
}
