/** Random payloads that have a good chance of keeping to a schema. */
import type { JsonSchema } from "../../src/index.js";
import type { Draw } from "./draw.js";
import { names, scalars, texts } from "./schemas.js";

type Schema = { [keyword: string]: unknown };

export function drawPayload(draw: Draw, root: JsonSchema, schema: unknown = root, depth = 4): unknown {
  if (typeof schema !== "object" || schema === null || depth < 0 || draw.chance(4)) return anything(draw, depth);
  const place = schema as Schema;
  const on = (next: unknown): unknown => drawPayload(draw, root, next, depth - 1);
  if ("const" in place) return place.const;
  if (Array.isArray(place.enum)) return draw(place.enum);
  if (typeof place.$ref === "string") return on(found(root, place.$ref));
  for (const keyword of ["anyOf", "oneOf", "allOf"]) if (Array.isArray(place[keyword])) return on(draw(place[keyword]));
  return ofType(draw, place, on, depth);
}

function ofType(draw: Draw, place: Schema, on: (schema: unknown) => unknown, depth: number): unknown {
  if (place.type === "object" || "properties" in place) return object(draw, place, on, depth);
  if (place.type === "array") return array(draw, place, on);
  if (place.type === "string") return draw(texts);
  if (place.type === "number" || place.type === "integer") return number(draw, place);
  return anything(draw, depth);
}

function object(draw: Draw, place: Schema, on: (schema: unknown) => unknown, depth: number): unknown {
  const known = (place.properties ?? {}) as Schema;
  const required = (place.required ?? []) as string[];
  const extra = place.additionalProperties === false ? Object.keys(known) : names;
  const wanted = new Set([...(draw.chance(95) ? required : []), ...draw.some(extra)]);
  const rest = place.additionalProperties;
  return Object.fromEntries(
    [...wanted].map((name) => [name, name in known ? on(known[name]) : rest ? on(rest) : anything(draw, depth)]),
  );
}

function array(draw: Draw, place: Schema, on: (schema: unknown) => unknown): unknown {
  const prefix = (place.prefixItems ?? []) as unknown[];
  const length = draw.whole(Number(place.minItems ?? 0), Math.max(3, Number(place.minItems ?? 0)));
  return Array.from({ length }, (_, index) => on(index < prefix.length ? prefix[index] : place.items));
}

/** At the bounds and around them, where mistakes are. */
function number(draw: Draw, place: Schema): number {
  const bounds = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]
    .map((keyword) => place[keyword])
    .filter((value): value is number => typeof value === "number");
  const near = bounds.flatMap((bound) => [bound, bound + 1, bound - 1, bound + 0.5]);
  return draw([...near, 0, 1, 2, 3, 4, 6, -5, 100, 1.5]);
}

function anything(draw: Draw, depth: number): unknown {
  if (depth <= 0 || draw.chance(60)) return draw(scalars);
  if (draw.chance(30)) return draw.some(scalars);
  return Object.fromEntries(draw.some(names).map((name) => [name, anything(draw, depth - 2)]));
}

function found(root: JsonSchema, reference: string): unknown {
  const steps = reference.split("/").slice(1);
  return steps.reduce<unknown>((place, step) => (place as Schema | undefined)?.[step], root);
}
