import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { errors } from "../src/errors.js";
import identity from "../src/index.js";

const read = (file: string) => readFileSync(new URL(file, new URL("..", import.meta.url)), "utf8");

test("the README names every type this module owns and every event it publishes or reacts to", () => {
  const readme = read("README.md");
  const types = Object.keys(identity.entities ?? {});
  const events = [...(identity.publishes ?? []), ...(identity.reactions ?? []).map(({ contract }) => contract)];
  for (const name of [...types, ...events.map(({ type }) => type)]) expect(readme, name).toContain(`\`${name}\``);
});

test("every type with a key has a loader, and the other way round", () => {
  const keyed = [...read("schema.graphql").matchAll(/^type (\w+) @key/gm)].map((match) => match[1]);
  expect(Object.keys(identity.entities ?? {}).sort()).toEqual(keyed.sort());
});

test("every error says what its code promises, with nothing left to fill in when its details are given", () => {
  const details = new Proxy({}, { has: () => true, get: () => "x" });
  for (const [code, make] of Object.entries(errors)) {
    const error = make(details);
    expect(error.code).toBe(code);
    expect(error.message).not.toMatch(/[{}]/);
  }
});
