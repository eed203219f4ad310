/**
 * Where JSON values end, in the bytes of an answer. Each function takes the position of a value's first byte and gives
 * that of the byte behind it. Whatever is no valid JSON throws `deviation`. Behind the bytes stands a zero, which ends
 * every loop.
 */

export const deviation = new Error("The answer is not written as the reader expects it.");

const quote = 0x22;
const plus = 0x2b;
const comma = 0x2c;
const minus = 0x2d;
const point = 0x2e;
const zero = 0x30;
const nine = 0x39;
const colon = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const space = 0x20;
const [letterE, letterU, lowerE, lowerF, lowerN, lowerT] = [0x45, 0x75, 0x65, 0x66, 0x6e, 0x74];

/** Values inside a raw token may be as deep as this. */
const deepest = 500;

/** Of any value, with everything inside it. */
export function skipValue(bytes: Uint8Array, at: number, depth = 0): number {
  switch (bytes[at]) {
    case quote:
      return skipString(bytes, at);
    case openBrace:
      return skipMembers(bytes, at, depth + 1);
    case openBracket:
      return skipItems(bytes, at, depth + 1);
    case lowerN:
      return skipWord(bytes, at, "null");
    case lowerT:
      return skipWord(bytes, at, "true");
    case lowerF:
      return skipWord(bytes, at, "false");
    default:
      return skipNumber(bytes, at);
  }
}

/** The value between two positions, as a leaf of a tree. */
export function leaf(text: string, bytes: Uint8Array, start: number, end: number): string | null {
  switch (bytes[start]) {
    case lowerN:
      return null;
    case lowerT:
      return "true";
    case lowerF:
      return "false";
    default:
      return text.slice(start, end);
  }
}

/** Names of types that were read of late, as tokens. What is found at a place is compared before it is taken. */
const typeNames: string[] = new Array(256).fill("");

/** As `leaf`, for a `__typename`: objects of a type share one text, which keeps nothing of the answer alive. */
export function typeName(text: string, bytes: Uint8Array, start: number, end: number): string | null {
  if (bytes[start] !== quote) return leaf(text, bytes, start, end);
  const place = ((end - start) * 31 + (bytes[end - 2] as number)) & 255;
  const known = typeNames[place] as string;
  if (known.length === end - start && text.startsWith(known, start)) return known;
  const name = Buffer.from(text.slice(start, end), "latin1").toString("latin1");
  typeNames[place] = name;
  return name;
}

/** One for each byte that is not simply a part of a string. */
const isSpecial = new Uint8Array(256).fill(1, 0, 0x20);
isSpecial[quote] = 1;
isSpecial[backslash] = 1;

function skipString(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  for (;;) {
    const byte = bytes[at] as number;
    if (isSpecial[byte] === 0) at++;
    else if (byte === quote) return at + 1;
    else if (byte === backslash) at = skipEscape(bytes, at);
    else throw deviation;
  }
}

const escapable = new Set([...'"\\/bfnrt'].map((one) => one.charCodeAt(0)));

function skipEscape(bytes: Uint8Array, at: number): number {
  const kind = bytes[at + 1] as number;
  if (escapable.has(kind)) return at + 2;
  if (kind !== letterU) throw deviation;
  for (let index = at + 2; index < at + 6; index++) if (!isHexDigit(bytes[index] as number)) throw deviation;
  return at + 6;
}

function isHexDigit(byte: number): boolean {
  const lower = byte | 0x20;
  return isDigit(byte) || (lower >= 0x61 && lower <= 0x66);
}

function skipNumber(bytes: Uint8Array, start: number): number {
  let at = bytes[start] === minus ? start + 1 : start;
  at = bytes[at] === zero ? at + 1 : skipDigits(bytes, at);
  if (bytes[at] === point) at = skipDigits(bytes, at + 1);
  if (bytes[at] === lowerE || bytes[at] === letterE) {
    at++;
    at = skipDigits(bytes, bytes[at] === plus || bytes[at] === minus ? at + 1 : at);
  }
  return at;
}

/** At least one. */
function skipDigits(bytes: Uint8Array, start: number): number {
  let at = start;
  while (isDigit(bytes[at] as number)) at++;
  if (at === start) throw deviation;
  return at;
}

function isDigit(byte: number): boolean {
  return byte >= zero && byte <= nine;
}

function skipWord(bytes: Uint8Array, start: number, word: string): number {
  for (let index = 0; index < word.length; index++) {
    if (bytes[start + index] !== word.charCodeAt(index)) throw deviation;
  }
  return start + word.length;
}

export function skipNull(bytes: Uint8Array, at: number): number {
  return skipWord(bytes, at, "null");
}

function skipMembers(bytes: Uint8Array, start: number, depth: number): number {
  if (depth > deepest) throw deviation;
  let at = start + 1;
  if (bytes[at] === closeBrace) return at + 1;
  for (;;) {
    if (bytes[at] !== quote) throw deviation;
    at = skipString(bytes, at);
    if (bytes[at] !== colon) throw deviation;
    at = skipValue(bytes, skipSpace(bytes, at + 1), depth);
    if (bytes[at] === closeBrace) return at + 1;
    at = skipSeparator(bytes, at);
  }
}

function skipItems(bytes: Uint8Array, start: number, depth: number): number {
  if (depth > deepest) throw deviation;
  let at = start + 1;
  if (bytes[at] === closeBracket) return at + 1;
  for (;;) {
    at = skipValue(bytes, at, depth);
    if (bytes[at] === closeBracket) return at + 1;
    at = skipSeparator(bytes, at);
  }
}

function skipSeparator(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== comma) throw deviation;
  return skipSpace(bytes, at + 1);
}

function skipSpace(bytes: Uint8Array, at: number): number {
  return bytes[at] === space ? at + 1 : at;
}
