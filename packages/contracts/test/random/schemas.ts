/** Random schemas of all keywords that are compared and some that are not, and random changes to them. */
import type { JsonSchema } from "../../src/index.js";
import type { Draw } from "./draw.js";

type Schema = { [keyword: string]: unknown };

export const names = ["a", "b", "c", "xa", "kind"];
export const texts = ["", "a", "b", "ab", "aab", "abcd", "2024-02-29", "2024-02-30", "a@example.org"];
export const scalars = [null, true, false, 0, 1, 2, 3, -1, 1.5, 6, ...texts];
const patterns = ["^a", "b$", "^[ab]*$", "^x"];

export function drawSchema(draw: Draw, depth = 3): JsonSchema {
  const kinds = ["string", "number", "values", "any"];
  const nested = ["object", "object", "object", "array", "choice", "choice", "all", "ref", "not", "if"];
  return makers[draw(depth > 0 ? [...kinds, ...nested] : kinds)]?.(draw, depth - 1) ?? true;
}

/** Small ones as often as large ones, since a change is seldom seen in a large one. Definitions may refer to each other. */
export function drawRoot(draw: Draw): JsonSchema {
  const schema = drawSchema(draw, draw([0, 1, 1, 1, 2, 2, 3]));
  if (typeof schema === "boolean" || !JSON.stringify(schema).includes("$ref")) return schema;
  const $defs = { one: drawSchema(draw, 2), two: draw.chance(50) ? { $ref: "#/$defs/one" } : drawSchema(draw, 1) };
  return { $defs, ...schema };
}

const makers: Record<string, (draw: Draw, depth: number) => JsonSchema> = {
  any: (draw) =>
    draw([true, {}, { type: draw(["null", "boolean", ["string", "null"], ["integer", "string"]]) }, false]),
  values: (draw) => draw([{ const: draw(scalars) }, { enum: [draw(scalars), draw(scalars), draw(scalars)] }]),
  string: (draw) => ({
    ...(draw.chance(90) ? { type: "string", ...(draw.chance(15) ? { nullable: true } : {}) } : {}),
    ...maybe(draw, "minLength", () => draw.whole(0, 3)),
    ...maybe(draw, "maxLength", () => draw.whole(0, 4)),
    ...maybe(draw, "pattern", () => draw(patterns), 20),
    ...maybe(draw, "format", () => draw(["date", "email"]), 15),
  }),
  number: (draw) => ({
    ...(draw.chance(90) ? { type: draw(["integer", "number"]) } : {}),
    ...maybe(draw, "minimum", () => draw.whole(-2, 3)),
    ...maybe(draw, "maximum", () => draw.whole(0, 6)),
    ...maybe(draw, "exclusiveMinimum", () => draw([-1, 0, 1, 0.5]), 15),
    ...maybe(draw, "exclusiveMaximum", () => draw([2, 5, 2.5]), 15),
    ...maybe(draw, "multipleOf", () => draw([1, 2, 3, 6, 0.5]), 25),
  }),
  object: (draw, depth) => ({
    ...(draw.chance(90) ? { type: "object" } : {}),
    properties: Object.fromEntries(draw.some(names).map((name) => [name, drawSchema(draw, depth)])),
    ...maybe(draw, "required", () => draw.some(names), 60),
    ...maybe(draw, "additionalProperties", () => (draw.chance(60) ? false : drawSchema(draw, depth)), 60),
    ...maybe(draw, "patternProperties", () => ({ [draw(["^x", "a$", "^[ab]"])]: drawSchema(draw, depth) }), 20),
    ...maybe(draw, "propertyNames", () => draw([{ pattern: draw(patterns) }, { maxLength: 2 }, { enum: names }]), 10),
    ...maybe(draw, "minProperties", () => draw.whole(0, 2), 15),
    ...maybe(draw, "maxProperties", () => draw.whole(1, 4), 15),
    ...maybe(draw, "dependentRequired", () => ({ [draw(names)]: draw.some(names) }), 10),
  }),
  array: (draw, depth) => ({
    type: "array",
    ...maybe(draw, "items", () => drawSchema(draw, depth), 70),
    ...maybe(draw, "prefixItems", () => [drawSchema(draw, depth), drawSchema(draw, depth)], 25),
    ...maybe(draw, "minItems", () => draw.whole(0, 2)),
    ...maybe(draw, "maxItems", () => draw.whole(0, 4)),
    ...maybe(draw, "uniqueItems", () => draw.chance(70), 15),
    ...maybe(draw, "contains", () => drawSchema(draw, depth), 10),
  }),
  choice: (draw, depth) => {
    const branches = draw.chance(40)
      ? names.slice(0, draw.whole(1, 3)).map((name) => kindOf(draw, name, depth))
      : Array.from({ length: draw.whole(1, 3) }, () => drawSchema(draw, depth));
    return { [draw(["anyOf", "oneOf"])]: branches };
  },
  all: (draw, depth) => ({ allOf: [drawSchema(draw, depth), drawSchema(draw, depth)] }),
  ref: (draw) => ({ $ref: draw(["#/$defs/one", "#/$defs/two", "#"]) }),
  not: (draw, depth) => ({ ...(drawSchema(draw, depth) as object), not: drawSchema(draw, depth) }),
  if: (draw, depth) => ({ if: drawSchema(draw, depth), else: drawSchema(draw, depth) }),
};

function kindOf(draw: Draw, kind: string, depth: number): JsonSchema {
  const properties = { kind: { const: kind }, a: drawSchema(draw, depth) };
  return { type: "object", properties, required: ["kind"], ...maybe(draw, "additionalProperties", () => false) };
}

const maybe = (draw: Draw, keyword: string, value: () => unknown, percent = 40): Schema =>
  draw.chance(percent) ? { [keyword]: value() } : {};

/** One or two changes at random places, most of them small; now and then a schema of its own. */
export function drawChanged(draw: Draw, schema: JsonSchema): JsonSchema {
  if (typeof schema === "boolean" || draw.chance(5)) return drawRoot(draw);
  const changed = structuredClone(schema) as Schema;
  for (let count = draw([1, 1, 2]); count > 0; count--) change(draw, draw(placesIn(changed)));
  return changed;
}

function change(draw: Draw, place: Schema): void {
  const keywords = Object.keys(place).filter((keyword) => keyword !== "$defs");
  const like = makers[kindOfPlace(place)]?.(draw, 1);
  const changes: (() => void)[] = [
    () => void (keywords.length > 0 && delete place[draw(keywords)]),
    () => Object.assign(place, typeof like === "object" ? oneOfIts(draw, like) : {}),
    () => keywords.length > 0 && nudge(draw, place, draw(keywords)),
    () => keywords.length > 0 && nudge(draw, place, draw(keywords)),
    () => Object.assign(place, oneOfIts(draw, drawSchema(draw, 1))),
  ];
  draw(changes)();
}

function kindOfPlace({ type, properties }: Schema): string {
  if (properties !== undefined) return "object";
  return type === "integer" ? "number" : String(type);
}

function oneOfIts(draw: Draw, schema: JsonSchema): Schema {
  const entries = Object.entries(schema);
  return entries.length === 0 ? {} : Object.fromEntries([draw(entries)]);
}

/** Changes the value of one keyword a little. */
function nudge(draw: Draw, place: Schema, keyword: string): void {
  const value = place[keyword];
  if (typeof value === "number") place[keyword] = Math.max(keyword === "multipleOf" ? 1 : 0, value + draw([-1, 1, 2]));
  else if (value === "integer" || value === "number") place[keyword] = draw(["number", "integer"]);
  else if (typeof value === "boolean") place[keyword] = !value;
  else if (keyword === "required") place[keyword] = draw.some(names);
  else if (keyword === "enum") place[keyword] = nudgeList(draw, value as unknown[], draw(scalars));
  else if (Array.isArray(value)) place[keyword] = nudgeList(draw, value, drawSchema(draw, 1));
  else if (keyword === "properties") Object.assign(value as Schema, { [draw(names)]: drawSchema(draw, 1) });
}

function nudgeList(draw: Draw, list: readonly unknown[], more: unknown): unknown[] {
  return draw.chance(50) || list.length < 2 ? [...list, more] : list.slice(1);
}

/** Every schema object in a schema, itself included. */
function placesIn(schema: Schema): Schema[] {
  const below = Object.entries(schema).flatMap(([keyword, value]) => {
    if (["enum", "const", "required", "dependentRequired"].includes(keyword)) return [];
    if (typeof value !== "object" || value === null) return [];
    const isMap = ["properties", "patternProperties", "$defs"].includes(keyword);
    return isMap || Array.isArray(value) ? Object.values(value as object) : [value];
  });
  const schemas = below.filter((value): value is Schema => typeof value === "object" && value !== null);
  return [schema, ...schemas.flatMap(placesIn)];
}
