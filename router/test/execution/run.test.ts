/** When calls start: as soon as what they read is there, in order for mutations, never after an abort. */
import { gate } from "@tessera/database/testing";
import { expect, test } from "vitest";
import { RouterError } from "../../src/errors/router-error.js";
import { Federation, readable, type SubgraphOfTest, ways } from "./federation.js";
import { shop } from "./shop.js";

test("a call waits for what it reads, and for nothing else", async () => {
  const federation = new Federation(shop);
  const products = gate();
  federation.answer = async (call, usual) => {
    if (call.operation.subgraph === "products") await products.opened;
    return usual();
  };
  // The plan has the fetch of authors after all others; they need reviews alone.
  const running = federation.ask("{ users { reviews { author { birthday } product { name } } } }");
  await expect
    .poll(() => federation.asked.map(({ subgraph }) => subgraph))
    .toEqual(["accounts", "reviews", "accounts"]);
  products.open();
  expect((await running).errors).toEqual([]);
});

test("a condition decides by its variable which subgraphs are asked", async () => {
  const federation = new Federation(shop);
  const query =
    "query ($stock: Boolean!, $reviews: Boolean!) { topProducts(first: 1) { upc inStock @include(if: $stock) reviews @skip(if: $reviews) { id } } }";
  expect((await federation.askEveryWay(query, { stock: true, reviews: true })).data).toEqual({
    topProducts: [{ upc: "1", inStock: true }],
  });
  expect(new Set(federation.asked.map(({ subgraph }) => subgraph))).toEqual(new Set(["products", "inventory"]));
  federation.asked.length = 0;
  const { data } = await federation.askEveryWay(query, { stock: false, reviews: false });
  expect(data).toEqual({ topProducts: [{ upc: "1", reviews: [{ id: "1" }, { id: "4" }, { id: "6" }] }] });
  expect(new Set(federation.asked.map(({ subgraph }) => subgraph))).toEqual(new Set(["products", "reviews"]));
});

const order: string[] = [];
const note = (word: string) => async () => {
  await new Promise((resolve) => setTimeout(resolve, word.startsWith("slow") ? 20 : 0));
  order.push(word);
  return { id: word };
};
const notes: Record<string, SubgraphOfTest> = {
  one: {
    sdl: `type Query { x: Int } type Mutation { slowOne: Note quickThree: Note } type Note @key(fields: "id") { id: ID! query: Query }`,
    resolvers: {
      Query: { x: () => 5 },
      Mutation: { slowOne: note("slowOne"), quickThree: note("quickThree") },
      Note: { query: () => ({}) },
    },
  },
  two: {
    sdl: `type Query { y: Int } type Mutation { slowTwo: Note } type Note @key(fields: "id") { id: ID! text: String }`,
    resolvers: {
      Query: { y: () => 6 },
      Mutation: { slowTwo: note("slowTwo") },
      Note: {
        text: async ({ id }: { id: string }) => {
          await note(`text ${id}`)();
          return id;
        },
      },
    },
  },
};

test("mutations run one after the other, each with the fields below it", async () => {
  const federation = new Federation(notes);
  for (const way of ways) {
    order.length = 0;
    const { data } = await federation.ask(
      "mutation { slowOne { text } slowTwo { id } quickThree { id text } }",
      {},
      way,
    );
    expect(data).toEqual({
      slowOne: { text: "slowOne" },
      slowTwo: { id: "slowTwo" },
      quickThree: { id: "quickThree", text: "quickThree" },
    });
    expect(order.filter((word) => !word.startsWith("text"))).toEqual(["slowOne", "slowTwo", "quickThree"]);
    expect(order.indexOf("text slowOne")).toBeLessThan(order.indexOf("quickThree"));
  }
});

test("a query below a mutation may need another subgraph", async () => {
  const { data, errors } = await new Federation(notes).askEveryWay("mutation { slowOne { query { x y } } }");
  expect(errors).toEqual([]);
  expect(data).toEqual({ slowOne: { query: { x: 5, y: 6 } } });
});

test("an abort answers at once with its reason, and starts no further call", async () => {
  for (const way of ways) {
    const federation = new Federation(shop);
    const started = gate();
    const never = gate();
    federation.answer = async (call, usual) => {
      if (call.operation.subgraph !== "reviews") return usual();
      started.open();
      await never.opened;
      return usual();
    };
    const controller = new AbortController();
    const query = "{ me { id reviews { product { name } } } }";
    const running = federation.compile(query, way).run(federation.execution(query, {}, way.form, controller.signal));
    await started.opened;
    controller.abort(new RouterError("REQUEST_TIMEOUT", { limit: 5 }));
    const { data, errors } = readable(await running);
    expect(data).toEqual({ me: { id: "1", reviews: null } });
    expect(errors).toEqual([expect.objectContaining({ code: "REQUEST_TIMEOUT" })]);
    never.open();
    await new Promise((resolve) => setImmediate(resolve));
    expect(federation.asked.filter(({ subgraph }) => subgraph === "products")).toEqual([]);
  }
});

test("what is aborted before it starts asks nobody", async () => {
  const federation = new Federation(shop);
  const signal = AbortSignal.abort(new Error("gone"));
  const query = "{ me { id } }";
  const executable = federation.compile(query, { form: "text", mergeFetches: true });
  const { errors } = readable(await executable.run(federation.execution(query, {}, "text", signal)));
  expect(errors).toEqual([expect.objectContaining({ code: "REQUEST_ABORTED" })]);
  expect(federation.asked).toEqual([]);
});

test("an executable serves many requests at a time", async () => {
  const federation = new Federation(shop);
  const query = "query ($id: ID!) { user(id: $id) { id name reviews { body } } }";
  const executable = federation.compile(query, { form: "text", mergeFetches: true });
  const answers = await Promise.all(
    ["1", "2", "3", "1"].map(async (id) => readable(await executable.run(federation.execution(query, { id }, "text")))),
  );
  expect(answers.map(({ data }) => (data as { user?: { id: string } } | null)?.user?.id)).toEqual(["1", "2", "3", "1"]);
});
