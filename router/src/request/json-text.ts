/**
 * JSON as text that is ready to be written: each character is one byte of its UTF-8. So nothing is decoded or encoded on
 * the way from a subgraph to a client, a text is as long as its bytes, and writing it is copying it.
 */
export interface JsonText {
  readonly text: string;
  /** The same, encoded once because several get it: see `shareBytes`. */
  bytes?: Buffer;
  /** Of data: the answer that consists of it alone, see `answerWith`. */
  whole?: JsonText;
}

/** `JSON.stringify` in this form. */
export function toJson(value: unknown): string {
  return toLatin1(JSON.stringify(value));
}

/** `JSON.parse` of a text in this form. */
export function fromJson(text: string): unknown {
  return JSON.parse(fromLatin1(text));
}

/** A text with one character for each byte of its UTF-8. */
export function toLatin1(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}

/** The opposite of `toLatin1`. */
export function fromLatin1(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, "latin1").toString("utf8");
}

export function toBytes({ text, bytes }: JsonText): Buffer {
  return bytes ?? Buffer.from(text, "latin1");
}

/** For a text that goes to several clients: whoever writes it from now on writes the same bytes. */
export function shareBytes(json: JsonText): void {
  json.bytes ??= toBytes(json);
}

function isAscii(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters of one byte
  return !/[^\x00-\x7f]/.test(text);
}
