/** Parts of an answer that come later. */
import { expect, test } from "vitest";
import { Federation, type ReadablePart, type SubgraphOfTest, ways } from "./federation.js";
import { shop } from "./shop.js";

const federation = new Federation(shop, { incrementalDelivery: { enableDefer: true } });

async function partsOf(query: string, variables: Record<string, unknown> = {}): Promise<ReadablePart[]> {
  const all = await Promise.all(ways.map((way) => federation.partsOf(query, variables, way)));
  const [first = [], ...others] = all;
  for (const other of others) expect(other).toEqual(first);
  return first;
}

test("the first part has what is not deferred, each item of a list its own part after it", async () => {
  expect(await partsOf('{ users { id ... @defer(label: "more") { name numberOfReviews } } }')).toEqual([
    { data: { users: [{ id: "1" }, { id: "2" }, { id: "3" }] }, errors: [], hasNext: true },
    {
      data: { name: "Uri Goldshtein", numberOfReviews: 2 },
      errors: [],
      path: ["users", 0],
      label: "more",
      hasNext: true,
    },
    { data: { name: "Dotan Simha", numberOfReviews: 2 }, errors: [], path: ["users", 1], label: "more", hasNext: true },
    {
      data: { name: 'Zoë "Z" Ünal 🙂', numberOfReviews: 2 },
      errors: [],
      path: ["users", 2],
      label: "more",
      hasNext: false,
    },
  ]);
});

test("a part inside a part comes after the one it is in", async () => {
  const query = `{ me { id ... @defer(label: "A") { name reviews { id ... @defer(label: "B") { body product { upc name } } } } } }`;
  expect(await partsOf(query)).toEqual([
    { data: { me: { id: "1" } }, errors: [], hasNext: true },
    {
      data: { name: "Uri Goldshtein", reviews: [{ id: "1" }, { id: "2" }] },
      errors: [],
      path: ["me"],
      label: "A",
      hasNext: true,
    },
    {
      data: { body: "Love it!", product: { upc: "1", name: "Table" } },
      errors: [],
      path: ["me", "reviews", 0],
      label: "B",
      hasNext: true,
    },
    {
      data: { body: "Too expensive.", product: { upc: "2", name: "Couch" } },
      errors: [],
      path: ["me", "reviews", 1],
      label: "B",
      hasNext: false,
    },
  ]);
});

test("`if` decides by its variable whether a part is deferred", async () => {
  const query = "query ($later: Boolean!) { me { id ... @defer(if: $later) { numberOfReviews } } __typename }";
  expect(await partsOf(query, { later: true })).toEqual([
    { data: { me: { id: "1" }, __typename: "Query" }, errors: [], hasNext: true },
    { data: { numberOfReviews: 2 }, errors: [], path: ["me"], hasNext: false },
  ]);
  expect(await partsOf(query, { later: false })).toEqual([
    { data: { me: { id: "1", numberOfReviews: 2 }, __typename: "Query" }, errors: [], hasNext: false },
  ]);
});

test("a deferred part that is not included is not announced", async () => {
  const query = "query ($with: Boolean!) { me { id ... @include(if: $with) { ... @defer { numberOfReviews } } } }";
  expect(await partsOf(query, { with: false })).toEqual([{ data: { me: { id: "1" } }, errors: [], hasNext: false }]);
  expect(await partsOf(query, { with: true })).toHaveLength(2);
});

test("fields of the root may be deferred, and everything may", async () => {
  expect(await partsOf("{ ... @defer { topProducts(first: 1) { upc inStock } } me { id } }")).toEqual([
    { data: { me: { id: "1" } }, errors: [], hasNext: true },
    { data: { topProducts: [{ upc: "1", inStock: true }] }, errors: [], path: [], hasNext: false },
  ]);
  expect(await partsOf("{ me { ... @defer { name } } }")).toEqual([
    { data: { me: {} }, errors: [], hasNext: true },
    { data: { name: "Uri Goldshtein" }, errors: [], path: ["me"], hasNext: false },
  ]);
});

test("an object that is null has no part", async () => {
  expect(await partsOf('{ user(id: "none") { id ... @defer { numberOfReviews } } }')).toEqual([
    { data: { user: null }, errors: [], hasNext: false },
  ]);
});

test("an operation with @defer can also be answered in one piece", async () => {
  const { data } = await federation.askEveryWay("{ me { id ... @defer { numberOfReviews } } }");
  expect(data).toEqual({ me: { id: "1", numberOfReviews: 2 } });
});

const pets: Record<string, SubgraphOfTest> = {
  shelter: {
    sdl: `type Query { pets: [Pet!]} interface Pet { id: ID! } 
      type Cat implements Pet @key(fields: "id") { id: ID! } type Dog implements Pet @key(fields: "id") { id: ID! }`,
    resolvers: {
      Query: {
        pets: () => [
          { __typename: "Cat", id: "c" },
          { __typename: "Dog", id: "d" },
        ],
      },
    },
  },
  vet: {
    sdl: `type Cat @key(fields: "id") { id: ID! lives: Int! shots: Int } type Dog @key(fields: "id") { id: ID! tricks: [String] }`,
    resolvers: {
      Cat: {
        shots: () => 2,
        lives: () => {
          throw new Error("unknown");
        },
      },
      Dog: { tricks: () => ["sit"] },
    },
  },
};
const shelter = new Federation(pets, { incrementalDelivery: { enableDefer: true } });

test("only objects of the type a part is about have it", async () => {
  for (const way of ways) {
    const parts = await shelter.partsOf(
      '{ pets { id ... on Dog @defer { tricks } ... on Cat { ... @defer(label: "c") { shots } } } }',
      {},
      way,
    );
    expect(parts).toEqual([
      { data: { pets: [{ id: "c" }, { id: "d" }] }, errors: [], hasNext: true },
      expect.objectContaining({ data: { tricks: ["sit"] }, path: ["pets", 1] }),
      expect.objectContaining({ data: { shots: 2 }, path: ["pets", 0], label: "c" }),
    ]);
    expect(parts.map(({ hasNext }) => hasNext)).toEqual([true, true, false]);
  }
});

test("an error inside a part is reported with it, and its null stays inside", async () => {
  for (const way of ways) {
    expect(await shelter.partsOf("{ pets { id ... on Cat @defer { lives } } }", {}, way)).toEqual([
      { data: { pets: [{ id: "c" }, { id: "d" }] }, errors: [], hasNext: true },
      {
        data: null,
        errors: [{ message: "unknown", path: ["pets", 0, "lives"], code: "INTERNAL_SERVER_ERROR", module: "vet" }],
        path: ["pets", 0],
        hasNext: false,
      },
    ]);
  }
});

test("a part of an object that the client has not been shown is dropped", async () => {
  for (const way of ways) {
    const [first, ...others] = await shelter.partsOf(
      "{ pets { id ... on Cat { lives ... @defer { shots } } } }",
      {},
      way,
    );
    expect(first?.data).toEqual({ pets: null });
    expect(first?.errors).toHaveLength(1);
    expect(others.filter(({ path }) => path)).toEqual([]);
    expect((others.at(-1) ?? first)?.hasNext).toBe(false);
  }
});
