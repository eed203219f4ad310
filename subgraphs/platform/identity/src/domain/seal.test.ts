import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { seal, unseal } from "./seal.js";

const key = randomBytes(32);

test("a sealed text is read with its key and label", () => {
  expect(unseal(key, "kid-1", seal(key, "kid-1", "Grüße"))).toBe("Grüße");
});

test("another key or another label cannot read it", () => {
  const sealed = seal(key, "kid-1", "text");
  expect(() => unseal(randomBytes(32), "kid-1", sealed)).toThrow();
  expect(() => unseal(key, "kid-2", sealed)).toThrow();
});

test("a changed bit or a cut-off tag is noticed", () => {
  const bytes = Buffer.from(seal(key, "kid-1", "text"), "base64");
  const last = bytes.length - 1;
  bytes[last] = (bytes[last] ?? 0) ^ 1;
  expect(() => unseal(key, "kid-1", bytes.toString("base64"))).toThrow();
  expect(() => unseal(key, "kid-1", bytes.subarray(0, 20).toString("base64"))).toThrow();
});

test("the same text is sealed differently every time", () => {
  expect(seal(key, "a", "text")).not.toBe(seal(key, "a", "text"));
});
