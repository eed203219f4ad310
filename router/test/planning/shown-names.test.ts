import { getOperationAST, parse, print, type SelectionNode, visit } from "graphql";
import { expect, test } from "vitest";
import { compileOperation } from "../../src/execution/compile.js";
import { nameShown } from "../../src/planning/shown-names.js";
import { startPlanner } from "../../src/planning/start-planner.js";
import { buildSupergraph } from "../../src/supergraph/supergraph.js";
import { Federation, readable } from "../execution/federation.js";

const world = new Federation({
  shop: {
    sdl: `
      type Query { book: Book item: Item }
      interface Item { isbn: ID }
      type Book implements Item @key(fields: "isbn") { isbn: ID cost(in: String): Int title: String }`,
    resolvers: {
      Query: {
        book: () => ({ isbn: "b1", title: "Tides" }),
        item: () => ({ __typename: "Book", isbn: "b1", title: "Tides" }),
      },
      Book: { cost: (_: unknown, { in: currency }: { in?: string }) => (currency === "USD" ? 11 : 10) },
    },
  },
  advice: {
    sdl: `
      type Book @key(fields: "isbn") {
        isbn: ID
        cost(in: String): Int @external
        dollars: String @requires(fields: "cost(in: \\"USD\\")")
        euros: String @requires(fields: "cost(in: \\"EUR\\")")
        plain: String
      }`,
    resolvers: {
      Book: {
        dollars: ({ cost }: { cost: number }) => `$${cost}`,
        euros: ({ cost }: { cost: number }) => `€${cost}`,
        plain: () => "plain",
      },
    },
  },
});

const { apiSchema: schema, requiredFields, keyFields } = buildSupergraph(world.supergraphSdl);
const reserved = new Set([...requiredFields, ...keyFields]);

/** Answers `text` by the router's own execution; fields named in `refused` were taken out of it before planning. */
async function answer(text: string, refused: (selection: SelectionNode) => boolean = () => false) {
  const document = parse(text);
  const operation = getOperationAST(document);
  if (!operation) throw new Error("no operation");
  const removed = new Set<SelectionNode>();
  const take = (node: SelectionNode) => {
    if (!refused(node)) return undefined;
    removed.add(node);
    return null;
  };
  const left = visit(document, { Field: take, InlineFragment: take });
  const planner = await startPlanner({ supergraphSdl: world.supergraphSdl, workers: 0 });
  const planned = await planner.plan({ text: print(left), overrides: [] });
  const named = nameShown({ document, operation }, removed, planned, reserved);
  const executable = compileOperation({ ...named, schema, isLocal: () => false });
  return readable(await executable.run(world.execution("{ book { title } }", {}, "text"))).data;
}

const isNamed = (name: string) => (node: SelectionNode) => node.kind === "Field" && node.name.value === name;

test("A key the sender may not see is fetched for the plan, and null in the answer", async () => {
  expect(await answer("{ book { isbn plain } }", isNamed("isbn"))).toEqual({ book: { isbn: null, plain: "plain" } });
  expect(await answer("{ book { isbn plain } }")).toEqual({ book: { isbn: "b1", plain: "plain" } });
});

test("A refused field under the name of a key does not show the key", async () => {
  const text = "{ book { isbn: title plain } }";
  expect(await answer(text, isNamed("title"))).toEqual({ book: { isbn: null, plain: "plain" } });
  expect(await answer(text)).toEqual({ book: { isbn: "Tides", plain: "plain" } });
});

test("What a refused fragment selects stays hidden too", async () => {
  const text = "{ item { ... on Book { isbn } ... on Book @include(if: true) { plain } } }";
  const isFirst = (node: SelectionNode) => node.kind === "InlineFragment" && !node.directives?.length;
  expect(await answer(text, isFirst)).toEqual({ item: { isbn: null, plain: "plain" } });
  expect(await answer(text)).toEqual({ item: { isbn: "b1", plain: "plain" } });
});

test("Private aliases and refusals appear in one answer, each under the name the client gave", async () => {
  const text = "{ book { isbn: title cost: plain title: isbn dollars euros } }";
  expect(await answer(text)).toEqual({
    book: { isbn: "Tides", cost: "plain", title: "b1", dollars: "$11", euros: "€10" },
  });
  expect(await answer(text, isNamed("isbn"))).toEqual({
    book: { isbn: "Tides", cost: "plain", title: null, dollars: "$11", euros: "€10" },
  });
});
