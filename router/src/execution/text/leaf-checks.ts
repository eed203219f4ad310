/**
 * What generated projections write for a leaf: its JSON text when it is as graphql-js would serialise it, and nothing
 * unusual. Anything else throws `incomplete`, and the careful projection decides.
 */
import { type GraphQLEnumType, type GraphQLLeafType, isEnumType } from "graphql";
import { toJson, toLatin1 } from "../../request/json-text.js";
import type { LeafForm } from "./tree.js";

export const incomplete = new Error("The data has to be completed with care.");

/** JSON text of a value that is not null. */
export type LeafCheck = (value: unknown) => string;

export function leafCheckOf(type: GraphQLLeafType, form: LeafForm): LeafCheck {
  const checks = form === "text" ? tokenChecks : valueChecks;
  if (isEnumType(type)) return form === "text" ? enumToken(type) : enumValue(type);
  return checks[type.name] ?? checks.custom;
}

/** Whatever is there. */
export function rawCheckOf(form: LeafForm): LeafCheck {
  return form === "text" ? anyToken : anyValue;
}

interface Checks {
  readonly [name: string]: LeafCheck | undefined;
  readonly custom: LeafCheck;
}

const quote = 0x22;
const minus = 0x2d;
const zero = 0x30;
const nine = 0x39;
/** So many digits always fit into 32 bits. */
const safeDigits = 9;

const tokenChecks: Checks = {
  String: stringToken,
  ID: idToken,
  Int: intToken,
  Float: floatToken,
  Boolean: booleanToken,
  custom: anyToken,
};

function anyToken(value: unknown): string {
  if (typeof value !== "string") throw incomplete;
  return value;
}

function stringToken(value: unknown): string {
  if (typeof value !== "string" || value.charCodeAt(0) !== quote) throw incomplete;
  return value;
}

function idToken(value: unknown): string {
  if (typeof value !== "string") throw incomplete;
  if (value.charCodeAt(0) === quote) return value;
  if (value === "0" || (isDigits(value) && value.length < 16)) return `"${value}"`;
  throw incomplete;
}

function intToken(value: unknown): string {
  if (typeof value !== "string") throw incomplete;
  if (value.length <= safeDigits && isDigits(value)) return value;
  const first = value.charCodeAt(0);
  if (first !== minus && !isDigit(first)) throw incomplete;
  return intValue(Number(value));
}

function floatToken(value: unknown): string {
  if (typeof value !== "string") throw incomplete;
  const first = value.charCodeAt(0);
  if ((first === minus || isDigit(first)) && Number.isFinite(Number(value))) return value;
  throw incomplete;
}

function booleanToken(value: unknown): string {
  if (value === "true" || value === "false") return value;
  throw incomplete;
}

function isDigits(token: string): boolean {
  for (let index = 0; index < token.length; index++) if (!isDigit(token.charCodeAt(index))) return false;
  return true;
}

function isDigit(code: number): boolean {
  return code >= zero && code <= nine;
}

function enumToken(type: GraphQLEnumType): LeafCheck {
  const known = new Set(type.getValues().map(({ name }) => `"${name}"`));
  return (value) => {
    if (typeof value !== "string" || !known.has(value)) throw incomplete;
    return value;
  };
}

const valueChecks: Checks = {
  String: stringValue,
  ID: idValue,
  Int: intValue,
  Float: floatValue,
  Boolean: booleanValue,
  custom: anyValue,
};

function anyValue(value: unknown): string {
  const text = value === null ? undefined : JSON.stringify(value);
  if (text === undefined) throw incomplete;
  return toLatin1(text);
}

function stringValue(value: unknown): string {
  if (typeof value !== "string") throw incomplete;
  return quoted(value);
}

/** What JSON has to escape, and whatever has more than one byte. */
const special = /[^ !#-[\]-~]/;

/** Most texts are JSON between quotes as they are, and looking is cheaper than `JSON.stringify`. */
function quoted(text: string): string {
  return special.test(text) ? toJson(text) : `"${text}"`;
}

function idValue(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  if (Number.isInteger(value)) return `"${value}"`;
  throw incomplete;
}

function intValue(value: unknown): string {
  if (typeof value !== "number" || (value | 0) !== value) throw incomplete;
  return `${value}`;
}

function floatValue(value: unknown): string {
  if (typeof value !== "number" || !Number.isFinite(value)) throw incomplete;
  return `${value}`;
}

function booleanValue(value: unknown): string {
  if (value === true) return "true";
  if (value === false) return "false";
  throw incomplete;
}

function enumValue(type: GraphQLEnumType): LeafCheck {
  const texts = new Map(type.getValues().map(({ name }) => [name, `"${name}"`]));
  return (value) => {
    const text = texts.get(value as string);
    if (text === undefined) throw incomplete;
    return text;
  };
}
