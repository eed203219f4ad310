/** References that come back to where they began without going down in the payload: no payload could ever be tested. */
import type { JsonSchema } from "./json-schema.js";
import { escapePointer, pointerOf, resolvePointer } from "./pointer.js";

/** The first of the schemas at `pointers` that is endless. */
export function findEndless(root: JsonSchema, pointers: readonly string[]): string | undefined {
  const settled = new Set<string>();
  return pointers.find((pointer) => isEndless(root, pointer, new Set(), settled));
}

function isEndless(root: JsonSchema, pointer: string, path: Set<string>, settled: Set<string>): boolean {
  if (path.has(pointer)) return true;
  if (settled.has(pointer)) return false;
  path.add(pointer);
  const found = inPlace(resolvePointer(root, pointer), pointer).some((next) => isEndless(root, next, path, settled));
  path.delete(pointer);
  settled.add(pointer);
  return found;
}

/** Pointers to the schemas that apply to the same payload as this one. */
function inPlace(schema: unknown, pointer: string): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const keywords = schema as Record<string, unknown>;
  const lists = ["allOf", "anyOf", "oneOf"].flatMap((keyword) =>
    Array.isArray(keywords[keyword]) ? keywords[keyword].map((_, index) => `${pointer}/${keyword}/${index}`) : [],
  );
  const single = ["not", "if", "then", "else"].filter((keyword) => keyword in keywords);
  const dependent = Object.keys((keywords.dependentSchemas as object | undefined) ?? {}).map(
    (name) => `${pointer}/dependentSchemas/${escapePointer(name)}`,
  );
  const target = typeof keywords.$ref === "string" ? [pointerOf(keywords.$ref)] : [];
  return [...target, ...lists, ...dependent, ...single.map((keyword) => `${pointer}/${keyword}`)];
}
