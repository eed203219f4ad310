/** Operations that cost too much are refused before anything runs, and clients keep to their budgets. */
import { startTestRedis } from "@tessera/database/testing";
import type { Actor } from "@tessera/shared-types";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { createMemoryWindows } from "../../../src/protection/memory-windows.js";
import { createRedisWindows } from "../../../src/protection/redis-windows.js";
import { costsOf } from "./schema.js";

vi.mock("../../../src/protection/patient-windows.js", async () => (await import("../patience.js")).patientWindows());

const sizes = { assumedSize: null, sizedFields: [], requireOneSlicingArgument: false };
const shop = costsOf(
  `
  type Query {
    items(first: Int, last: Int): [Item!]! @listSize(slicingArguments: ["first", "last"], assumedSize: 50)
    loose(first: Int, last: Int): [Item!] @listSize(slicingArguments: ["first", "last"], assumedSize: 50, requireOneSlicingArgument: false)
    found(page: Page): [Item!]
    byIds(ids: [ID!]!): [Item!]
    deep(first: Int): Whole
    pages(first: Int): Pages @listSize(slicingArguments: ["first"], sizedFields: ["nodes", "edges"])
    item: Item
    any: Any
    rebate: Item @cost(weight: -100)
  }
  input Page { size: Int = 4 after: ID }
  type Pages { nodes: [Item!] edges: [Edge!] others: [Item!] }
  type Edge { node: Item }
  interface Any { id: ID part: Item }
  type Item implements Any { id: ID part: Item items: [Item!] heavy: Int @cost(weight: 7) }
  type Whole implements Any @cost(weight: 9) { id: ID part: Item @cost(weight: 3) }
`,
  {
    "Query.found": { ...sizes, slicingArguments: ["page.size"] },
    "Query.byIds": { ...sizes, slicingArguments: ["ids"] },
    "Query.deep": { ...sizes, slicingArguments: ["first"], sizedFields: ["part { items }"] },
  },
);
const { estimate, actual, control, operation } = shop;
const ada: Actor = { kind: "user", id: "ada", tenantId: "acme", scopes: new Set(), roles: [], attributes: {} };

describe("the length of a list", () => {
  test.each([
    ["{ items(first: 3) { id } }", {}, 3],
    ["query ($n: Int) { items(last: $n) { id } }", { n: 6 }, 6],
    ["{ loose { id } }", {}, 50],
    ["{ loose(first: 3, last: 8) { id } }", {}, 8],
    ["{ loose(first: -1) { id } }", {}, 50],
    ["query ($n: Int) { loose(first: $n) { id } }", { n: -1_000 }, 50],
    ["query ($n: Int) { loose(first: $n) { id } }", {}, 50],
    ["{ found(page: { size: 9 }) { id } }", {}, 9 + 1],
    ["{ found(page: {}) { id } }", {}, 4 + 1],
    ["{ found { id } }", {}, 10],
    ["query ($p: Page) { found(page: $p) { id } }", { p: { size: 2 } }, 2 + 1],
    ['{ byIds(ids: ["a", "b", "c"]) { id } }', {}, 3],
    ["query ($ids: [ID!]!) { byIds(ids: $ids) { id } }", { ids: ["a", "b"] }, 2],
    ["{ deep(first: 4) { part { items { id items { id } } } } }", {}, 9 + 3 + 4 * (1 + 10)],
    ["{ pages(first: 3) { nodes { id } edges { node { id } } others { id } } }", {}, 1 + 3 + 3 * 2 + 10],
    ["{ pages(first: 3) { ...P } } fragment P on Pages { ... { nodes { id } } }", {}, 4],
    ["query ($n: Int) { pages(first: $n) { nodes { items { id } } } }", { n: 5 }, 1 + 5 * (1 + 10)],
  ])("%s with %j makes it cost %i", async (text, variables, cost) => {
    expect(await estimate(text, variables)).toBe(cost);
  });

  test.each([
    ["{ items { id } }", {}],
    ["{ items(first: 1, last: 1) { id } }", {}],
    ["query ($n: Int) { items(first: $n) { id } }", {}],
    ["query ($n: Int) { items(first: $n, last: 2) { id } }", { n: 1 }],
  ])("has to be told by exactly one argument where the schema says so: %s with %j", async (text, variables) => {
    expect(await estimate(text, variables)).toBe("LIST_SIZE_REQUIRED");
  });
});

describe("a selection", () => {
  test.each([
    ["{ item { heavy part { heavy } } }", 1 + 7 + 1 + 7],
    ["{ any { part { id } } }", 9 + 3],
    ["{ item { id } rebate { id } }", 1],
    ["{ item { ...F } again: item { ...F } } fragment F on Item { heavy }", 16],
  ])("%s costs %i: of an abstract type the dearest object, and never less than nothing", async (text, cost) => {
    expect(await estimate(text)).toBe(cost);
  });

  test("under a condition costs only where it applies", async () => {
    const text =
      "query ($a: Boolean!, $b: Boolean!) { item @include(if: $a) { heavy ... @skip(if: $b) { part { id } } } }";
    expect(await estimate(text, { a: true, b: true })).toBe(8);
    expect(await estimate(text, { a: true, b: false })).toBe(9);
    expect(await estimate(text, { a: false, b: false })).toBe(0);
  });

  test("of fragments that multiply each other is summed up in no time", async () => {
    const many = Array.from({ length: 40 }, (_, n) => `fragment F${n} on Item { ...F${n + 1} ... { ...F${n + 1} } }`);
    const text = `{ item { ...F0 } } ${many.join(" ")} fragment F40 on Item { heavy }`;
    expect(await estimate(text)).toBe(1 + 7 * 2 ** 40);
    const open = text
      .replace("{ item {", "query ($h: Boolean!) { item {")
      .replace("heavy }", "heavy @include(if: $h) }");
    expect(await estimate(open, { h: true })).toBe(1 + 7 * 2 ** 40);
    expect(await estimate(open, { h: false })).toBe(1);
  });
});

describe("what an answer has cost", () => {
  test("counts the items that came, merged fields once, and nothing for what is null", () => {
    const text = "{ items(first: 50) { id heavy ...F } item { id } } fragment F on Item { heavy part { id } }";
    const data = {
      items: [
        { id: 1, heavy: 2, part: null },
        { id: 2, heavy: 3, part: { id: 1 } },
      ],
      item: null,
    };
    expect(actual(text, data)).toBe(1 + 7 + 1 + (1 + 7 + 1) + 1);
    expect(actual(text, null)).toBe(0);
    expect(actual(text, { items: [] })).toBe(0);
  });

  test("is what was estimated when every list has the length that was assumed", async () => {
    const lengths = fc.record({ n: fc.nat(6), m: fc.nat(6), deep: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(lengths, async ({ n, m, deep }) => {
        const text =
          "query ($n: Int, $m: Int, $deep: Boolean!) { items(first: $n) { heavy part @include(if: $deep) { heavy } } x: loose(last: $m) { id } pages(first: $n) { nodes { heavy } } }";
        const item = { heavy: 1, ...(deep ? { part: { heavy: 2 } } : {}) };
        const list = <T>(length: number, one: T) => Array.from({ length }, () => one);
        const data = { items: list(n, item), x: list(m, { id: 1 }), pages: { nodes: list(n, { heavy: 1 }) } };
        expect(actual(text, data, { n, m, deep })).toBe(await estimate(text, { n, m, deep }));
      }),
      { seed: 20_263, numRuns: 100 },
    );
  });
});

describe("the modes", () => {
  const dear = operation("{ items(first: 11) { id } }");
  const cheap = operation("{ items(first: 10) { id } }");
  const nobody = { actor: null };

  test("enforce refuses what costs more than the most, and not what costs just that", () => {
    const enforcing = control({ max: 10 });
    expect(enforcing.check(cheap, {}, nobody)).toEqual({ estimated: 10, problem: null, isRefused: false });
    expect(enforcing.check(dear, {}, nobody)).toMatchObject({
      estimated: 11,
      isRefused: true,
      problem: { code: "COST_ESTIMATED_TOO_EXPENSIVE", status: 400, extensions: { details: { cost: 11, max: 10 } } },
    });
  });

  test("measure says the same and refuses nothing, off does not look", () => {
    const measured = control({ mode: "measure", max: 10 }).check(dear, {}, nobody);
    expect(measured).toMatchObject({
      estimated: 11,
      isRefused: false,
      problem: { code: "COST_ESTIMATED_TOO_EXPENSIVE" },
    });
    expect(control({ mode: "off", max: 10 }).check(dear, {}, nobody)).toEqual({
      estimated: 0,
      problem: null,
      isRefused: false,
    });
  });
});

describe("a budget", () => {
  const ten = operation("{ items(first: 10) { id } }");

  test("is each client's own, and what does not fit into it costs nothing", () => {
    let now = 1_000_000;
    const spending = control({ budget: { perClient: 25, windowSeconds: 60 } }, createMemoryWindows({ now: () => now }));
    const spend = (subject: Parameters<typeof spending.check>[2]) => spending.check(ten, {}, subject);
    expect(spend({ actor: ada })).toMatchObject({ isRefused: false });
    expect(spend({ actor: ada })).toMatchObject({ isRefused: false });
    expect(spend({ actor: ada })).toMatchObject({
      isRefused: true,
      problem: {
        code: "COST_BUDGET_EXCEEDED",
        status: 429,
        extensions: { details: { cost: 10, remaining: 5, limit: 25 } },
      },
    });
    expect(spending.check(operation("{ items(first: 5) { id } }"), {}, { actor: ada })).toMatchObject({
      isRefused: false,
    });
    expect(spend({ actor: { ...ada, id: "bob" } })).toMatchObject({ isRefused: false });
    expect(spend({ actor: null, clientAddress: "192.0.2.1" })).toMatchObject({ isRefused: false });
    now += 120_000;
    expect(spend({ actor: ada })).toMatchObject({ isRefused: false });
  });

  test("is shared by routers that share a store", async () => {
    const redis = await startTestRedis({ own: true });
    const stores = [createRedisWindows({ url: redis.url }), createRedisWindows({ url: redis.url })];
    // They connect in the background, and reject until then.
    const any = { key: "any", limit: 1, windowMs: 1_000 };
    await Promise.all(stores.map((store) => expect.poll(() => store.take([any], 1)).toBeDefined()));
    const routers = stores.map((store) => control({ budget: { perClient: 35, windowSeconds: 3_600 } }, store));
    const verdicts = await Promise.all(
      Array.from({ length: 6 }, (_, n) => routers[n % 2]?.check(ten, {}, { actor: ada })),
    );
    expect(verdicts.filter((verdict) => verdict?.isRefused)).toHaveLength(3);
    await Promise.all([...stores.map((store) => store.close()), redis.close()]);
  });
});
