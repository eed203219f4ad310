import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { CompositionFailed, compose, readSupergraphConfig, writeSupergraphConfig } from "../src/index.js";

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])\n`;
const source = (name: string, sdl: string) => ({
  name,
  sdl: link + sdl,
  file: `/modules/${name}/schema.graphql`,
  url: `http://localhost:4001/graphql`,
});

function problemsOf(...sources: ReturnType<typeof source>[]) {
  try {
    compose(sources);
  } catch (error) {
    if (error instanceof CompositionFailed) return error;
  }
  throw new Error("it composed");
}

describe("composition", () => {
  test("gives a supergraph with the URLs of its subgraphs", () => {
    const { supergraphSdl, hints } = compose([
      source("a", "type Query { a: Int }"),
      source("b", "type Query { b: Int }"),
    ]);
    expect(supergraphSdl).toContain('@join__graph(name: "b", url: "http://localhost:4001/graphql")');
    expect(hints).toEqual([]);
  });

  test("names file, line and coordinate of a field that two modules own", () => {
    const { message, problems } = problemsOf(
      source("a", "type Query { a: Thing }\ntype Thing { id: ID }"),
      source("b", "type Query { b: Thing }\ntype Thing {\n  id: ID\n}"),
    );
    expect(problems[0]).toMatchObject({ code: "INVALID_FIELD_SHARING", coordinate: "Thing.id" });
    expect(problems[0]?.locations).toEqual([
      { subgraph: "a", file: "/modules/a/schema.graphql", line: 3, column: 14 },
      { subgraph: "b", file: "/modules/b/schema.graphql", line: 4, column: 3 },
    ]);
    expect(message).toContain("/modules/b/schema.graphql:4:3");
  });

  test("names them for types that differ and for fields that cannot be reached", () => {
    const differ = problemsOf(
      source("a", 'type Query { a: T }\ntype T @key(fields: "id") { id: ID n: Int @shareable }'),
      source("b", 'type Query { b: T }\ntype T @key(fields: "id") { id: ID n: String @shareable }'),
    );
    expect(differ.problems[0]).toMatchObject({
      code: "FIELD_TYPE_MISMATCH",
      coordinate: "T.n",
      locations: [{ subgraph: "a" }, { subgraph: "b" }],
    });
    const unreachable = problemsOf(
      source("a", "type Query { a: T }\ntype T { x: Int }"),
      source("b", "type Query { b: Int }\ntype T { y: Int }"),
    );
    expect(unreachable.problems[0]?.code).toBe("SATISFIABILITY_ERROR");
  });

  test("names the place of text that is no GraphQL, in every file at once", () => {
    const { problems } = problemsOf(source("a", "type Query {"), source("b", "typ Query { b: Int }"));
    expect(problems.map(({ code, locations: [at] }) => [code, at?.file, at?.line])).toEqual([
      ["INVALID_GRAPHQL", "/modules/a/schema.graphql", 2],
      ["INVALID_GRAPHQL", "/modules/b/schema.graphql", 2],
    ]);
  });

  test("names the place of a type that is not there", () => {
    const { problems } = problemsOf(source("a", "type Query {\n  a: Nothing\n}"));
    expect(problems[0]).toMatchObject({ code: "INVALID_GRAPHQL", coordinate: "Query.a", locations: [{ line: 3 }] });
  });

  test("hints at what composes but deserves a look", () => {
    const { hints } = compose([
      source("a", "type Query { a: V }\ntype V { x: Int @shareable y: Int @shareable }"),
      source("b", "type Query { b: Int }\ntype V { x: Int @shareable }"),
    ]);
    expect(hints[0]).toMatchObject({
      code: "INCONSISTENT_OBJECT_VALUE_TYPE_FIELD",
      coordinate: "V",
      message: expect.stringContaining("V.y"),
    });
  });
});

describe("supergraph.yaml", () => {
  async function folder(): Promise<string> {
    const made = await mkdtemp(join(tmpdir(), "supergraph-"));
    onTestFinished(() => rm(made, { recursive: true }));
    return made;
  }

  test("is read with its schema files, wherever it lies", async () => {
    const root = await folder();
    await writeFile(join(root, "a.graphql"), "type Query { a: Int }");
    const path = join(root, "supergraph.yaml");
    await writeFile(
      path,
      "federation_version: =2.14.4\nsubgraphs:\n  a:\n    routing_url: http://localhost:4101/graphql\n    schema:\n      file: ./a.graphql\n  b:\n    schema: { sdl: 'type Query { b: Int }' }\n",
    );
    expect(await readSupergraphConfig(path)).toEqual({
      federationVersion: "=2.14.4",
      subgraphs: [
        {
          name: "a",
          url: "http://localhost:4101/graphql",
          file: join(root, "a.graphql"),
          sdl: "type Query { a: Int }",
        },
        { name: "b", file: path, sdl: "type Query { b: Int }" },
      ],
    });
  });

  test("is written in order of names with relative paths, and only when it differs", async () => {
    const root = await folder();
    const path = join(root, "supergraph.yaml");
    const subgraphs = ["b", "a"].map((name) => ({
      name,
      file: join(root, "subgraphs", name, "schema.graphql"),
      url: `http://localhost:410${name === "a" ? 1 : 2}/graphql`,
    }));
    const config = { federationVersion: "=2.14.4", subgraphs };
    expect(await writeSupergraphConfig(path, config, { check: true })).toEqual({ changed: true });
    expect(await writeSupergraphConfig(path, config)).toEqual({ changed: true });
    expect(await writeSupergraphConfig(path, config, { check: true })).toEqual({ changed: false });
    expect(await readFile(path, "utf8")).toBe(
      "federation_version: =2.14.4\nsubgraphs:\n  a:\n    routing_url: http://localhost:4101/graphql\n    schema:\n      file: ./subgraphs/a/schema.graphql\n  b:\n    routing_url: http://localhost:4102/graphql\n    schema:\n      file: ./subgraphs/b/schema.graphql\n",
    );
  });

  test.each([
    ["no YAML", "subgraphs: [", /supergraph.yaml:/],
    ["no subgraphs", "federation_version: 2", /no `subgraphs:`/],
    ["a subgraph without a schema", "subgraphs:\n  a:\n    routing_url: http://x", /subgraph a needs/],
    [
      "a schema that is not there",
      "subgraphs:\n  a:\n    schema: { file: ./gone.graphql }",
      /schema of subgraph a is not at .*gone.graphql/,
    ],
  ])("with %s says what to do", async (_, text, message) => {
    const path = join(await folder(), "supergraph.yaml");
    await writeFile(path, text);
    await expect(readSupergraphConfig(path)).rejects.toThrow(message);
  });
});
