import { expect, test } from "vitest";
import { leaksIn, secretsIn, without } from "./secrets.js";

const id = "01900000-0004-7000-8000-000000000002";
const secrets = secretsIn({ id, name: "Fresno well 3, deep", reading: 1204417.5, unit: "kWh", year: 2024 });

test("ids, long texts and long numbers are secrets, words of the trade and years are not", () => {
  expect(secrets.ids).toEqual(new Set([id]));
  expect(secrets.texts).toEqual(new Set(["Fresno well 3, deep"]));
  expect(secrets.figures).toEqual(new Set(["1204417.5"]));
});

test("what others have as well is nobody's secret", () => {
  expect(without(secrets, secretsIn({ id })).ids.size).toBe(0);
});

test("a secret is found at any depth, an answer without one is clean", () => {
  expect(leaksIn({ a: [{ b: id }] }, secrets)).toEqual([id]);
  expect(leaksIn({ a: "1204417.500" }, secrets)).toEqual(["1204417.5"]);
  expect(leaksIn({ a: [{ b: "Leeds plant" }], c: 12044175, d: null }, secrets)).toEqual([]);
});

test("a secret is found inside of files, tokens and JSON as text", () => {
  const file = Buffer.from("site,kWh\nFresno well 3, deep,5\n");
  expect(leaksIn({ content: file.toString("base64") }, secrets)).toEqual(["Fresno well 3, deep"]);
  const token = ["e30", Buffer.from(JSON.stringify({ tenant: id })).toString("base64url"), "signature"].join(".");
  expect(leaksIn({ token }, secrets)).toEqual([id]);
  expect(leaksIn({ json: JSON.stringify({ reading: 1204417.5 }) }, secrets)).toEqual(["1204417.5"]);
});

test("what was handed in may be handed back", () => {
  expect(leaksIn({ a: id }, secrets, new Set([id]))).toEqual([]);
});
