/**
 * The words generated readers are made of. There is one position in one text: reading an answer is synchronous, and a
 * module's variable is the fastest place there is. Whatever is not as expected throws `deviation`.
 */

export const deviation = new Error("The answer is not written as the reader expects it.");

const quote = 0x22;
const comma = 0x2c;
const minus = 0x2d;
const zero = 0x30;
const nine = 0x39;
const colon = 0x3a;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const space = 0x20;
/** Values inside a raw token may be as deep as this. */
const deepest = 500;

const escaped = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

let text = "";
let at = 0;
/** Where the next backslash is, at or after `at`; behind the text when there is none. */
let slash = 0;

export function begin(answer: string): void {
  text = answer;
  at = 0;
  slash = nextSlash(0);
}

/** Lets the text go, and says where reading stopped. */
export function end(): number {
  text = "";
  return at;
}

export function expect(literal: string): void {
  if (!text.startsWith(literal, at)) throw deviation;
  at += literal.length;
}

export function follows(literal: string): boolean {
  if (!text.startsWith(literal, at)) return false;
  at += literal.length;
  return true;
}

export function isObject(): boolean {
  return text.charCodeAt(at) === openBrace;
}

export function isList(): boolean {
  return text.charCodeAt(at) === openBracket;
}

export function expectNull(): null {
  expect("null");
  return null;
}

/** After a value: true when another follows, false when `close` ends them. */
export function isMore(separator: string, close: string): boolean {
  if (follows(separator)) return true;
  expect(close);
  return false;
}

/** The text of any JSON value; null for null. */
export function token(): string | null {
  const start = at;
  const first = text.charCodeAt(start);
  if (first === quote) skipString();
  else if (first === minus || (first >= zero && first <= nine)) skipNumber(first);
  else if (first === openBrace || first === openBracket) skipValue(0);
  else if (follows("true")) return "true";
  else if (follows("false")) return "false";
  else return expectNull();
  return text.slice(start, at);
}

function skipString(): void {
  let close = text.indexOf('"', at + 1);
  while (slash < close) close = skipEscape(close);
  if (close < 0) throw deviation;
  at = close + 1;
}

/** Where a string may end, that seemed to end at `close`, before the next escape was looked at. */
function skipEscape(close: number): number {
  escaped.lastIndex = slash;
  if (!escaped.test(text)) throw deviation;
  const after = escaped.lastIndex;
  slash = nextSlash(after);
  return close < after ? text.indexOf('"', after) : close;
}

function nextSlash(from: number): number {
  const found = text.indexOf("\\", from);
  return found < 0 ? text.length + 1 : found;
}

function skipNumber(first: number): void {
  let next = at + 1;
  let code = text.charCodeAt(next);
  while (code >= zero && code <= nine) code = text.charCodeAt(++next);
  const isWhole = code === comma || code === closeBrace || code === closeBracket;
  if (isWhole && first !== minus && (first !== zero || next === at + 1)) {
    at = next;
    return;
  }
  number.lastIndex = at;
  if (!number.test(text)) throw deviation;
  at = number.lastIndex;
}

function skipValue(depth: number): void {
  const first = text.charCodeAt(at);
  if (first === quote) skipString();
  else if (first === openBrace) skipMembers(depth + 1);
  else if (first === openBracket) skipItems(depth + 1);
  else if (first === minus || (first >= zero && first <= nine)) skipNumber(first);
  else if (!follows("true") && !follows("false")) expect("null");
}

function skipMembers(depth: number): void {
  if (depth > deepest) throw deviation;
  at++;
  if (follows("}")) return;
  do {
    skipSpaces();
    if (text.charCodeAt(at) !== quote) throw deviation;
    skipString();
    skipSpaces();
    if (text.charCodeAt(at++) !== colon) throw deviation;
    skipSpaces();
    skipValue(depth);
    skipSpaces();
  } while (isMore(",", "}"));
}

function skipItems(depth: number): void {
  if (depth > deepest) throw deviation;
  at++;
  if (follows("]")) return;
  do {
    skipSpaces();
    skipValue(depth);
    skipSpaces();
  } while (isMore(",", "]"));
}

function skipSpaces(): void {
  while (text.charCodeAt(at) === space) at++;
}

/** At the start of an object: true when it has members. */
export function begins(): boolean {
  expect("{");
  return !follows("}");
}

export function deviate(): never {
  throw deviation;
}
