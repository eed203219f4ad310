import { describe, expect, test } from "vitest";
import { type CompatibilityMode, checkHistory, compareSchemas, type JsonSchema } from "../src/index.js";

const verdict = (older: JsonSchema, newer: JsonSchema, mode: CompatibilityMode): string => {
  const found = compareSchemas(older, newer, mode);
  return found.length === 0 ? "compatible" : (found[0]?.kind ?? "");
};

const object = (properties: object, more: object = {}): JsonSchema => ({ type: "object", properties, ...more });
const closed = (properties: object, more: object = {}): JsonSchema =>
  object(properties, { additionalProperties: false, ...more });
const string = { type: "string" };
const number = { type: "number" };
const integer = { type: "integer" };
const animal = (kind: string, more: object = {}): JsonSchema =>
  object({ kind: { const: kind }, ...more }, { required: ["kind"] });

/** What changed, the two schemas, whether the newer takes what the older took, and the other way round. */
const changes: [string, JsonSchema, JsonSchema, boolean, boolean][] = [
  ["nothing", object({ a: string }), object({ a: string }), true, true],
  ["a longer text", { ...string, maxLength: 10 }, { ...string, maxLength: 12 }, true, false],
  ["no limit to a text", { ...string, maxLength: 10 }, string, true, false],
  ["a shorter least length", { ...string, minLength: 11 }, { ...string, minLength: 10 }, true, false],
  ["whole numbers become numbers", integer, number, true, false],
  ["a multiple of two is a whole number", { ...number, multipleOf: 2 }, integer, true, false],
  ["a lower minimum", { ...integer, minimum: 1 }, { ...integer, minimum: 0 }, true, false],
  [
    "above 0 and from 1 on, for whole numbers",
    { ...integer, exclusiveMinimum: 0 },
    { ...integer, minimum: 1 },
    true,
    true,
  ],
  ["above 0 and from 0 on", { ...number, exclusiveMinimum: 0 }, { ...number, minimum: 0 }, true, false],
  ["a coarser step", { ...integer, multipleOf: 10 }, { ...integer, multipleOf: 5 }, true, false],
  ["the pattern is dropped", { ...string, pattern: "^a" }, string, true, false],
  ["another pattern", { ...string, pattern: "^a" }, { ...string, pattern: "^[ab]" }, false, false],
  ["the format is dropped", { ...string, format: "uuid" }, string, true, false],
  ["one more value", { enum: ["a", "b"] }, { enum: ["a", "b", "c"] }, true, false],
  ["listed values become any text", { enum: ["a", "b"] }, string, true, false],
  ["listed values keep to the length", { enum: ["ab", "abc"] }, { ...string, maxLength: 3 }, true, false],
  ["a constant joins a list", { const: 1 }, { enum: [1, 2] }, true, false],
  ["null becomes possible", string, { type: ["string", "null"] }, true, false],
  ["nullable is null beside the type", { ...string, nullable: true }, { type: ["string", "null"] }, true, true],
  ["null as an alternative", { type: ["string", "null"] }, { anyOf: [string, { type: "null" }] }, true, true],
  ["an optional property joins a closed object", closed({ a: string }), closed({ a: string, b: string }), true, false],
  ["an optional property joins an open object", object({ a: string }), object({ a: string, b: string }), false, true],
  [
    "a required property joins",
    closed({ a: string }),
    closed({ a: string, b: string }, { required: ["b"] }),
    false,
    false,
  ],
  ["a property becomes optional", closed({ a: string }, { required: ["a"] }), closed({ a: string }), true, false],
  ["a property leaves an open object", object({ a: string, b: string }), object({ a: string }), true, false],
  ["a property leaves a closed object", closed({ a: string, b: string }), closed({ a: string }), false, true],
  ["an object is opened", closed({ a: string }), object({ a: string }), true, false],
  ["others of one type may join", closed({ a: string }), object({}, { additionalProperties: string }), true, false],
  [
    "a property within a property",
    object({ a: closed({ x: integer }) }),
    object({ a: closed({ x: number }) }),
    true,
    false,
  ],
  [
    "names by a pattern",
    object({}, { patternProperties: { "^x-": integer } }),
    object({}, { patternProperties: { "^x-": number } }),
    true,
    false,
  ],
  [
    "named and by a pattern",
    closed({ "x-a": integer }),
    closed({}, { patternProperties: { "^x-": number } }),
    true,
    false,
  ],
  ["fewer properties needed", object({}, { minProperties: 2 }), object({}, { minProperties: 1 }), true, false],
  ["names of any kind", object({}, { propertyNames: { pattern: "^a" } }), object({}), true, false],
  ["one needs the other", object({}, { dependentRequired: { a: ["b"] } }), object({}), true, false],
  ["more items", { type: "array", maxItems: 2 }, { type: "array", maxItems: 3 }, true, false],
  ["wider items", { type: "array", items: integer }, { type: "array", items: number }, true, false],
  ["repetitions", { type: "array", uniqueItems: true }, { type: "array" }, true, false],
  [
    "a tuple is a list",
    { type: "array", prefixItems: [integer], items: false },
    { type: "array", items: number },
    true,
    false,
  ],
  ["one more alternative", { anyOf: [string] }, { anyOf: [string, integer] }, true, false],
  ["alternatives in another order", { anyOf: [string, integer] }, { anyOf: [integer, string] }, true, true],
  ["one more kind", { oneOf: [animal("cat")] }, { oneOf: [animal("cat"), animal("dog")] }, true, false],
  [
    "kinds written as a list",
    object({ kind: { enum: ["cat", "dog"] } }, { required: ["kind"] }),
    { oneOf: [animal("cat"), animal("dog")] },
    true,
    true,
  ],
  ["alternatives that overlap", integer, { oneOf: [integer, number] }, false, false],
  [
    "both conditions become one",
    { allOf: [{ minimum: 1 }, { maximum: 9 }], type: "number" },
    { ...number, minimum: 1 },
    true,
    false,
  ],
  ["an exclusion is dropped", { ...string, not: { const: "" } }, string, true, false],
  ["an exclusion that cannot meet", integer, { ...integer, not: string }, true, true],
  ["everything", string, true, true, false],
  ["nothing any more", string, false, false, true],
];

describe("what a change does", () => {
  for (const [title, older, newer, backward, forward] of changes) {
    test(`${title}: ${backward ? "" : "not "}backward, ${forward ? "" : "not "}forward compatible`, () => {
      expect(verdict(older, newer, "BACKWARD") === "compatible").toBe(backward);
      expect(verdict(older, newer, "FORWARD") === "compatible").toBe(forward);
      expect(verdict(older, newer, "FULL") === "compatible").toBe(backward && forward);
      expect(verdict(older, newer, "NONE")).toBe("compatible");
    });
  }
});

describe("what is said", () => {
  test("names the place in the reading schema, the place in the payload and both sides", () => {
    const older = object({ period: object({ unit: { ...string, maxLength: 10 } }) });
    const newer = object({ period: object({ unit: { ...string, maxLength: 8 } }) });
    expect(compareSchemas(older, newer, "FULL")).toEqual([
      {
        kind: "incompatible",
        direction: "backward",
        pointer: "/properties/period/properties/unit/maxLength",
        message: "/period/unit: the newer schema takes texts of 8 characters at most; the older one allows 10.",
      },
    ]);
  });

  test("of several kinds, only those that are refused are named", () => {
    const kinds = (values: string[]) => object({ kind: { enum: values } }, { required: ["kind"] });
    const found = compareSchemas(kinds(["cat", "dog", "bird"]), { anyOf: [animal("cat"), animal("dog")] }, "BACKWARD");
    expect(found.map(({ message }) => message).join()).toContain('"bird"');
    expect(found.map(({ message }) => message).join()).not.toContain('does not take "dog"');
  });
});

describe("a keyword that is not compared", () => {
  const keywords: [string, JsonSchema, JsonSchema][] = [
    ["if", { if: { type: "object" }, else: false }, { if: { type: "array" }, else: false }],
    ["contains", { type: "array", contains: integer }, { type: "array", contains: string }],
    ["unevaluatedProperties", object({ a: string }), object({ a: string }, { unevaluatedProperties: string })],
    ["one nobody knows", { type: "string" }, { type: "string", maxLenght: 3 }],
  ];
  for (const [keyword, older, newer] of keywords) {
    test(`${keyword}: cannot be judged, which counts, unless it stays the same`, () => {
      expect(verdict(older, newer, "BACKWARD")).toBe("cannot be judged");
      expect(verdict(newer, newer, "FULL")).toBe("compatible");
    });
  }

  test("does no harm where it is the writer's, beside other changes, or for another type", () => {
    const twice = { type: "array", contains: integer };
    expect(verdict({ ...twice, maxItems: 2 }, twice, "BACKWARD")).toBe("compatible");
    expect(verdict(twice, { type: "array" }, "BACKWARD")).toBe("compatible");
    expect(verdict(string, { contains: integer }, "BACKWARD")).toBe("compatible");
  });
});

describe("a schema that refers to itself", () => {
  const tree = (value: object): JsonSchema => ({
    $defs: { tree: closed({ value, left: { $ref: "#/$defs/tree" }, right: { $ref: "#/$defs/tree" } }) },
    $ref: "#/$defs/tree",
  });

  test("is compared all the way down", () => {
    expect(verdict(tree(integer), tree(number), "BACKWARD")).toBe("compatible");
    expect(verdict(tree(number), tree(integer), "BACKWARD")).toBe("incompatible");
  });

  test("goes with the same one written out one level", () => {
    const once = {
      $defs: { tree: { ...(tree(integer) as { $defs: { tree: object } }).$defs.tree } },
      ...(closed({ value: integer, left: { $ref: "#/$defs/tree" }, right: { $ref: "#/$defs/tree" } }) as object),
    };
    expect(verdict(once, tree(integer), "FULL")).toBe("compatible");
  });
});

describe("a schema made to take long", () => {
  const names = Array.from({ length: 60 }, (_, index) => `p${index}`);
  const wide = (leaf: object): JsonSchema => ({
    type: "object",
    properties: Object.fromEntries(
      names.map((name, index) => [name, { anyOf: [{ $ref: "#" }, { ...leaf, maxLength: index }] }]),
    ),
    required: names,
  });
  const choices = (more: number): JsonSchema => ({
    allOf: names.map((name, index) => ({
      anyOf: [object({ [name]: string }), object({ [name]: { maxLength: index + more } })],
    })),
  });

  test.each([
    ["recursive and wide", wide(string), wide({})],
    ["of many alternatives", choices(0), choices(1)],
  ])("%s: ends, and counts as not compatible where it was given up", (_, older, newer) => {
    const found = compareSchemas(newer, older, "BACKWARD");
    expect(found.map(({ kind }) => kind)).toContain("cannot be judged");
  });
});

describe("a history", () => {
  const history = [
    closed({ a: string }),
    closed({ a: string, b: string }),
    closed({ a: string, b: string, c: string }),
  ];
  const versions = history.map((schema, index) => ({ version: index + 1, schema }));
  const back = { version: 4, schema: closed({ a: string, b: string, c: integer }) };
  const forth = { version: 5, schema: closed({ a: string, c: integer, b: string }) };

  test("has to keep to the last version, and to every one when the mode is transitive", () => {
    expect(checkHistory(versions, "BACKWARD_TRANSITIVE")).toEqual([]);
    expect(checkHistory([...versions, back], "BACKWARD").map(({ against }) => against.version)).toEqual([3]);
    expect(checkHistory([...versions, back, forth], "FULL")).toEqual([]);
    expect(
      checkHistory([...versions, back, forth], "BACKWARD_TRANSITIVE").map(({ against }) => against.version),
    ).toEqual([3]);
    const forward = checkHistory(versions, "FORWARD_TRANSITIVE").map(({ against }) => against.version);
    expect([...new Set(forward)]).toEqual([1, 2]);
  });

  test("may begin with anything", () => {
    expect(checkHistory([], "FULL_TRANSITIVE")).toEqual([]);
    expect(checkHistory(versions.slice(0, 1), "FULL_TRANSITIVE")).toEqual([]);
  });
});
