import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { definitionSchema } from "../src/definitions/definition.js";
import { findingTexts } from "../src/definitions/findings.js";
import { errors } from "../src/errors.js";
import workflow from "../src/index.js";

const read = (file: string) => readFileSync(new URL(file, new URL("..", import.meta.url)), "utf8");

test("the README names every type this module owns and every event it publishes", () => {
  const readme = read("README.md");
  const types = Object.keys(workflow.entities ?? {});
  const events = (workflow.publishes ?? []).map(({ type }) => type);
  for (const name of [...types, ...events]) expect(readme, name).toContain(`\`${name}\``);
});

test("the README names every property of a definition", () => {
  for (const property of Object.keys(definitionSchema.shape))
    expect(read("README.md"), property).toContain(`\`${property}\``);
});

test("every type with a key has a loader, and the other way round", () => {
  const keyed = [...read("schema.graphql").matchAll(/^type (\w+) @key/gm)].map((match) => match[1]);
  const stubs = ["Organization", "User"];
  expect([...Object.keys(workflow.entities ?? {}), ...stubs].sort()).toEqual(keyed.sort());
});

test("every error says what its code promises, with nothing left to fill in when its details are given", () => {
  const details = new Proxy({}, { has: () => true, get: () => "x" });
  for (const [code, make] of Object.entries(errors)) {
    const error = make(details);
    expect(error.code).toBe(code);
    expect(error.message).not.toMatch(/[{}]/);
  }
});

test("every finding has a sentence and a code that is raised somewhere", () => {
  const sources = ["flow", "effects", "expressions", "people", "triggers"].map((name) =>
    read(`src/definitions/check-${name}.ts`),
  );
  const raised = [...sources, read("src/definitions/validate.ts")].join("\n");
  for (const code of Object.keys(findingTexts)) expect(raised, code).toContain(`"${code}"`);
});
