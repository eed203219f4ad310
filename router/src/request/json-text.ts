/**
 * JSON as text that is ready to be written. Answers of other processes are kept as `latin1`: each character is one byte
 * of the UTF-8 they came in, so no byte is decoded or encoded on its way from a subgraph to a client.
 */
export interface JsonText {
  readonly text: string;
  readonly encoding: "latin1" | "utf8";
  /** The same, encoded once because several get it: see `shareBytes`. */
  bytes?: Buffer;
  /** Of data: the answer that consists of it alone, see `answerWith`. */
  whole?: JsonText;
}

/** What `JSON.stringify` gave, with one character for each UTF-8 byte. */
export function toLatin1(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}

/** The opposite of `toLatin1`. */
export function fromLatin1(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, "latin1").toString("utf8");
}

export function toBytes({ text, encoding, bytes }: JsonText): Buffer {
  return bytes ?? Buffer.from(text, encoding);
}

/** For a text that goes to several clients: whoever writes it from now on writes the same bytes. */
export function shareBytes(json: JsonText): void {
  json.bytes ??= toBytes(json);
}

function isAscii(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters of one byte
  return !/[^\x00-\x7f]/.test(text);
}
