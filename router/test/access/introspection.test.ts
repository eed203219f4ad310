/** Introspection for everybody, nobody, or some roles. */
import type { Actor } from "@tessera/shared-types";
import { expect, test } from "vitest";
import { createIntrospectionCheck, type IntrospectionOption } from "../../src/access/introspection.js";
import { actor, operation } from "./schema.js";

const codeOf = (option: IntrospectionOption, text: string, who: Actor | null) =>
  createIntrospectionCheck(option)(operation(text), who)?.code ?? null;
const developer: Actor = { ...actor(), roles: ["developer"] };
const schema = "{ __schema { queryType { name } } }";

test("roles that may introspect do, and others are refused", () => {
  const option = { roles: ["developer"] };
  expect(codeOf(option, schema, developer)).toBeNull();
  expect(codeOf(option, schema, actor())).toBe("INTROSPECTION_REFUSED");
  expect(codeOf(option, schema, null)).toBe("INTROSPECTION_REFUSED");
});

test("for everybody or for nobody there are no exceptions", () => {
  expect(codeOf(true, schema, null)).toBeNull();
  expect(codeOf(false, schema, developer)).toBe("INTROSPECTION_REFUSED");
});

test.each([
  ['{ __type(name: "Book") { name } }'],
  ["{ ...F } fragment F on Query { ... { s: __schema { queryType { name } } } }"],
])("%s asks for the schema", (text) => {
  expect(codeOf(false, text, null)).toBe("INTROSPECTION_REFUSED");
  expect(codeOf(true, text, null)).toBeNull();
});

test("type names of data are no introspection", () => {
  expect(codeOf(false, '{ __typename book(id: "1") { __typename } }', null)).toBeNull();
});
