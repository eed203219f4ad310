/** An example payload for a schema, for people to read. */
import type { JsonSchema } from "../json-schema.js";
import { pointerOf, resolvePointer } from "../pointer.js";
import { validate } from "../validate.js";

type Keywords = { readonly [keyword: string]: unknown };

const texts = [
  "2026-01-31",
  "2026-01-31T08:30:00Z",
  "12.5",
  "0191e5c8-7f3a-7c44-9d1b-3f6a2b8c4d5e",
  "someone@example.org",
  "https://example.org",
  "08:30:00Z",
  "a",
  "1",
];
const numbers = [1, 12.5, 0, 10, 100, 0.5, -1];
const maxDepth = 12;

/** A payload that keeps to the schema, `undefined` where none was found. */
export function exampleOf(schema: JsonSchema): unknown {
  const example = build(schema, schema, "value", maxDepth);
  return validate(schema, example).valid ? example : undefined;
}

/** `name` is that of the property, and the text where any text will do. */
function build(root: JsonSchema, schema: unknown, name: string, depth: number): unknown {
  if (typeof schema !== "object" || schema === null || depth < 0) return name;
  const place = schema as Keywords;
  const on = (next: unknown, nextName = name): unknown => build(root, next, nextName, depth - 1);
  if ("const" in place) return place.const;
  if (Array.isArray(place.enum)) return place.enum[0];
  if (typeof place.$ref === "string") return on(resolvePointer(root, pointerOf(place.$ref)));
  for (const keyword of ["anyOf", "oneOf", "allOf"]) if (Array.isArray(place[keyword])) return on(place[keyword][0]);
  const type = Array.isArray(place.type) ? place.type[0] : place.type;
  if (type === "object") return buildObject(place, on);
  if (type === "array") return buildArray(place, on);
  return buildScalar(place, type, name);
}

function buildObject(place: Keywords, on: (schema: unknown, name: string) => unknown): unknown {
  const entries = Object.entries((place.properties as Keywords | undefined) ?? {});
  const known = entries.map(([name, schema]) => [name, on(schema, name)] as const);
  const rest = place.additionalProperties;
  const other = known.length === 0 && typeof rest === "object" ? [["key", on(rest, "value")] as const] : [];
  return Object.fromEntries([...known, ...other]);
}

function buildArray(place: Keywords, on: (schema: unknown) => unknown): unknown {
  if (Array.isArray(place.prefixItems)) return place.prefixItems.map((item) => on(item));
  const length = Math.max(1, Number(place.minItems ?? 0));
  return Array.from({ length }, () => on(place.items));
}

function buildScalar(place: Keywords, type: unknown, name: string): unknown {
  if (type === "boolean") return true;
  if (type === "null") return null;
  const isNumber = type === "number" || type === "integer";
  const bounds = [place.minimum, place.maximum].filter((bound) => typeof bound === "number");
  const candidates: unknown[] = isNumber ? [...numbers, ...bounds] : [name, ...texts];
  return candidates.find((candidate) => validate({ ...place, type } as JsonSchema, candidate).valid) ?? candidates[0];
}
