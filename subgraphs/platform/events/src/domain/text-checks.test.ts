import { expect, test } from "vitest";
import { holdsNul, uuidOf } from "./text-checks.js";

test("a U+0000 is found wherever it is, and a text that only spells it is not one", () => {
  expect([{ a: ["\u0000"] }, "\\\u0000", { "\u0000": 1 }].map(holdsNul)).toEqual([true, true, true]);
  expect(["\\u0000", "u0000", null, 0, { a: "\\\\u0000" }].map(holdsNul)).toEqual([false, false, false, false, false]);
});

test("only a UUID names who decided", () => {
  expect(uuidOf("01900000-0000-7000-8000-000000000001")).toBe("01900000-0000-7000-8000-000000000001");
  expect([uuidOf("analytics"), uuidOf(undefined)]).toEqual([null, null]);
});
