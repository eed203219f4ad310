import { defineEvent } from "@tessera/shared-types";
import { expect, test } from "vitest";
import { z } from "zod";
import { compareContracts, jsonSchemaOf, schemasOf } from "../src/index.js";

const contract = (payload: z.ZodType) => defineEvent("thing.changed", 1, payload);

test("what is written is closed and has its defaults, what is read is open and may leave them out", () => {
  const withDefault = contract(z.object({ a: z.string().default("x") }));
  expect(jsonSchemaOf(withDefault)).toMatchObject({ required: ["a"], additionalProperties: false });
  expect(jsonSchemaOf(withDefault, "read")).not.toHaveProperty("required");
  expect(jsonSchemaOf(withDefault, "read")).not.toHaveProperty("additionalProperties");
});

test("a property with a default may join both ways, one without only when it is optional", () => {
  const before = schemasOf(contract(z.object({ a: z.string() })));
  const withDefault = schemasOf(contract(z.object({ a: z.string(), b: z.number().default(0) })));
  const optional = schemasOf(contract(z.object({ a: z.string(), b: z.number().optional() })));
  const required = schemasOf(contract(z.object({ a: z.string(), b: z.number() })));
  expect(compareContracts(before, withDefault, "FULL")).toEqual([]);
  expect(compareContracts(before, optional, "FULL")).toEqual([]);
  expect(compareContracts(before, required, "FULL")).toMatchObject([{ direction: "backward", pointer: "/required" }]);
});

test("a type JSON does not have is refused with the contract's name", () => {
  expect(() => jsonSchemaOf(contract(z.object({ at: z.date() })))).toThrow(
    expect.objectContaining({ code: "CONTRACT_NOT_EXPRESSIBLE", message: expect.stringContaining("thing.changed v1") }),
  );
});
