/**
 * Values on their way to and from PostgreSQL, as text. Drizzle maps typed columns itself and wants dates and numerics as
 * the server wrote them.
 */
import type postgres from "postgres";
import { DatabaseError } from "./errors.js";

type Parser = (text: string) => unknown;

/** A parameter in PostgreSQL's text format. The server infers its type from the statement. */
export function toWire(value: unknown): string | null {
  if (value === null) return null;
  if (typeof value === "string") return value;
  if (value === undefined) {
    throw new DatabaseError("QUERY_FAILED", "A parameter of a statement is undefined: use null for no value.");
  }
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString("hex")}`;
  if (Array.isArray(value)) return arrayToWire(value);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function arrayToWire(values: readonly unknown[]): string {
  const items = values.map((value) => {
    if (Array.isArray(value)) return arrayToWire(value);
    const text = toWire(value);
    return text === null ? "NULL" : `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
  });
  return `{${items.join(",")}}`;
}

/** Reads `{a,"b c",NULL,{…}}`. */
export function parseArray(text: string, parse: Parser): unknown[] {
  let at = text.indexOf("{");
  const list = (): unknown[] => {
    const items: unknown[] = [];
    at += 1;
    while (at < text.length && text[at] !== "}") {
      if (text[at] === ",") at += 1;
      else if (text[at] === "{") items.push(list());
      else if (text[at] === '"') items.push(parse(quoted()));
      else items.push(bare());
    }
    at += 1;
    return items;
  };
  const quoted = (): string => {
    let item = "";
    for (at += 1; text[at] !== '"'; at += 1) {
      if (text[at] === "\\") at += 1;
      item += text[at];
    }
    at += 1;
    return item;
  };
  const bare = (): unknown => {
    const start = at;
    while (text[at] !== "," && text[at] !== "}") at += 1;
    const item = text.slice(start, at);
    return item === "NULL" ? null : parse(item);
  };
  return list();
}

const asText: Parser = (text) => text;
const asNumber: Parser = Number;
const asBoolean: Parser = (text) => text === "t";
// Drizzle parses JSON text again when it gets a string. A JSON string therefore stays in its quotes, so that "123" is
// not taken for a number.
const asJson: Parser = (text) => (text.startsWith('"') ? text : JSON.parse(text));
const asBytes: Parser = (text) => Buffer.from(text.slice(2), "hex");

/** Type oid → parser. Types that are not listed stay text: int8, numeric, dates, times, uuid, enums. */
export const parsers: Readonly<Record<number, Parser>> = {
  16: asBoolean,
  17: asBytes,
  21: asNumber,
  23: asNumber,
  26: asNumber,
  700: asNumber,
  701: asNumber,
  114: asJson,
  3802: asJson,
  ...arraysOf({
    1000: asBoolean,
    1005: asNumber,
    1007: asNumber,
    1021: asNumber,
    1022: asNumber,
    199: asJson,
    3807: asJson,
    1009: asText,
    1015: asText,
    1016: asText,
    1115: asText,
    1182: asText,
    1185: asText,
    1231: asText,
    2951: asText,
  }),
};

function arraysOf(items: Record<number, Parser>): Record<number, Parser> {
  return Object.fromEntries(
    Object.entries(items).map(([oid, parse]) => [oid, (text: string) => parseArray(text, parse)]),
  );
}

const asDate: Parser = (text) => new Date(text);

/** Oid of an array type → parser of its items, as the owner's client reads single values of that type. */
const ownersItems: Readonly<Record<number, Parser>> = {
  199: JSON.parse,
  1000: asBoolean,
  1003: asText,
  1005: asNumber,
  1007: asNumber,
  1009: asText,
  1015: asText,
  1016: asText,
  1021: asNumber,
  1022: asNumber,
  1028: asNumber,
  1115: asDate,
  1182: asDate,
  1185: asDate,
  1231: asText,
  2951: asText,
  3807: JSON.parse,
};

/** The built-in arrays, as postgres.js takes types. */
export const arrayTypes: Record<string, postgres.PostgresType> = Object.fromEntries(
  Object.entries(ownersItems).map(([oid, parse]) => [
    `array${oid}`,
    { to: Number(oid), from: [Number(oid)], serialize: toWire, parse: (text: string) => parseArray(text, parse) },
  ]),
);
