/** Two answers of a subgraph of this process are the same when whatever was selected is. */
import { parse } from "graphql";
import { expect, test } from "vitest";
import { compileReader } from "../../../src/execution/text/read-answer.js";

const { isSame } = compileReader(
  parse("{ me { id toString settings friends { name ... on Admin { level } } groups { members { id } } } }"),
  "text",
);

function me(changes: object = {}) {
  return {
    me: { id: "1", toString: "x", settings: { a: [1, { b: null }] }, friends: [{ name: "A" }, null], ...changes },
  };
}

test("equal data is the same, made of other objects, in another order of keys, or with more than was asked for", () => {
  const { friends, ...rest } = me().me;
  expect(isSame(me(), me())).toBe(true);
  expect(isSame(me(), { me: Object.assign(Object.create(null), { friends, ...rest, secret: 2 }) })).toBe(true);
  expect(isSame({ me: null }, { me: null })).toBe(true);
  const groups = [[{ members: [{ id: 1 }] }], []];
  expect(isSame(me({ groups }), me({ groups: structuredClone(groups) }))).toBe(true);
});

test.each([
  ["a leaf", { id: "2" }],
  ["the type of a leaf", { id: 1 }],
  ["a field that every object has", { toString: "y" }],
  ["null for a leaf", { id: null }],
  ["nothing for null", { id: undefined }],
  ["a value inside a scalar", { settings: { a: [1, { b: 0 }] } }],
  ["a key inside a scalar", { settings: { a: [1, { b: null }], c: undefined } }],
  ["a list inside a scalar", { settings: { a: [1] } }],
  ["an object for a list inside a scalar", { settings: { a: { 0: 1, 1: { b: null } } } }],
  ["an item of a list", { friends: [{ name: "B" }, null] }],
  ["the length of a list", { friends: [{ name: "A" }] }],
  ["null for an object", { friends: [null, null] }],
  ["an object for null", { friends: [{ name: "A" }, { name: "B" }] }],
  ["an object for a list", { friends: { name: "A" } }],
  ["a field of another type of object", { friends: [{ name: "A", level: 3 }, null] }],
])("%s makes a difference", (_, change) => {
  expect(isSame(me(), me(change))).toBe(false);
  expect(isSame(me(change), me())).toBe(false);
});

test("what is no plain value is never the same", () => {
  const now = new Date(0);
  expect(isSame(me({ settings: now }), me({ settings: new Date(0) }))).toBe(false);
  expect(isSame(me({ id: Number.NaN }), me({ id: Number.NaN }))).toBe(false);
});
