/**
 * JSON as text that is ready to be written. Answers of other processes are kept as `latin1`: each character is one byte
 * of the UTF-8 they came in, so no byte is decoded or encoded on its way from a subgraph to a client.
 */
export interface JsonText {
  readonly text: string;
  readonly encoding: "latin1" | "utf8";
}

/** What `JSON.stringify` gave, with one character for each UTF-8 byte. */
export function toLatin1(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}

/** The opposite of `toLatin1`. */
export function fromLatin1(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, "latin1").toString("utf8");
}

export function toBytes({ text, encoding }: JsonText): Buffer {
  return Buffer.from(text, encoding);
}

function isAscii(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters of one byte
  return !/[^\x00-\x7f]/.test(text);
}
