import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { defineSubgraph, type SubgraphDefinition } from "../src/index.js";

const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])\n';

function load(schema: string, definition: Partial<SubgraphDefinition> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "tessera-subgraph-"));
  writeFileSync(join(folder, "schema.graphql"), link + schema);
  const root = pathToFileURL(`${folder}/`);
  return () => defineSubgraph({ name: "sample", suite: "test", root, resolvers: {}, ...definition }).schema();
}

describe("a definition is refused on load", () => {
  test("when a root field does not say who may use it", () => {
    expect(load("type Query { hello: String }")).toThrow("Query.hello does not say who may use it");
    expect(load("type Query { hello: String @public }")).not.toThrow();
  });

  test("when it resolves a field the schema does not declare", () => {
    const resolvers = { Query: { goodbye: () => "" } };
    expect(load("type Query { hello: String @public }", { resolvers })).toThrow("a resolver for Query.goodbye");
  });

  test("when it loads an entity the schema does not declare with a key", () => {
    const entities = { Ghost: async () => [] };
    expect(load("type Query { hello: String @public }", { entities })).toThrow("a loader for Ghost");
  });

  test("when there is no schema file", () => {
    const root = pathToFileURL(`${mkdtempSync(join(tmpdir(), "tessera-subgraph-"))}/`);
    expect(() => defineSubgraph({ name: "sample", suite: "test", root, resolvers: {} })).toThrow("there is no");
  });
});
