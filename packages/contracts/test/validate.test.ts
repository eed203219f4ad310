import { describe, expect, test } from "vitest";
import { checkSchema, compareSchemas, type JsonSchema, validate } from "../src/index.js";

const schema: JsonSchema = {
  $id: "https://example.org/reading",
  type: "object",
  properties: { at: { type: "string", format: "date" }, unit: { enum: ["kWh", "m3"] }, next: { $ref: "#" } },
  required: ["at"],
  additionalProperties: false,
};

describe("a payload", () => {
  test("that keeps to the schema is valid", () => {
    expect(validate(schema, { at: "2026-01-31", unit: "kWh", next: { at: "2026-02-28" } })).toEqual({ valid: true });
  });

  test("that does not is refused with the place and a sentence for each problem", () => {
    expect(validate(schema, { at: "2026-02-31", unit: "t", next: { more: 1 } })).toEqual({
      valid: false,
      problems: expect.arrayContaining([
        { pointer: "/at", message: 'must match format "date"' },
        { pointer: "/unit", message: 'must be one of "kWh", "m3"' },
        { pointer: "/next", message: "must have required property 'at'" },
        { pointer: "/next", message: 'has the property "more", which is not known' },
      ]),
    });
  });

  test("has at most 20 problems listed", () => {
    const many = Array.from({ length: 100 }, (_, index) => `${index}`);
    const verdict = validate({ items: { type: "number" } }, many);
    expect(verdict).toMatchObject({ valid: false });
    expect(verdict.valid ? [] : verdict.problems).toHaveLength(20);
  });
});

describe("a schema from outside", () => {
  const refused: [string, unknown, string, string][] = [
    ["that is no JSON Schema", { type: "text" }, "/type", "must be"],
    ["that refers to another document", { $ref: "https://example.org/a.json" }, "/$ref", "only places in this schema"],
    ["that refers to nothing", { $ref: "#/$defs/a" }, "/$ref", "where there is no schema"],
    ["that is nothing but itself", { anyOf: [{ $ref: "#" }, true] }, "/anyOf/0/$ref", "without an end"],
    ["with a pattern that needs backtracking", { pattern: "(a)\\1" }, "/pattern", "back references"],
    [
      "with a pattern that looks ahead",
      { properties: { a: { pattern: "^(?=a)" } } },
      "/properties/a/pattern",
      "look-around",
    ],
    ["with a dynamic reference", { $dynamicRef: "#a" }, "/$dynamicRef", "$dynamicRef"],
    ["with nullable and no type", { nullable: true }, "", "nullable"],
    ["that is too large", { description: "x".repeat(100_001) }, "", "characters"],
  ];
  for (const [title, candidate, pointer, words] of refused) {
    test(`${title} is refused`, () => {
      expect(checkSchema(candidate)[0]).toEqual({ pointer, message: expect.stringContaining(words) });
    });
  }

  test("is taken otherwise, also when it is recursive", () => {
    expect(checkSchema(schema)).toEqual([]);
    expect(checkSchema({ $defs: { a: { pattern: "^(a+)+$" } }, properties: { "a/b": { $ref: "#/$defs/a" } } })).toEqual(
      [],
    );
  });

  test("cannot hold the process up with a pattern", () => {
    // With backtracking this would take longer than anybody lives.
    expect(validate({ pattern: "^(a+)+$" }, `${"a".repeat(10_000)}!`).valid).toBe(false);
  });

  test("is not compared when it is not valid", () => {
    expect(() => compareSchemas({ type: "text" }, true, "FULL")).toThrow(
      expect.objectContaining({ code: "SCHEMA_INVALID" }),
    );
  });
});
