import { parse } from "graphql";
import { afterAll, beforeAll, expect, test } from "vitest";
import { normalise } from "../../src/planning/normalise.js";
import { createPlanCache, type PlanCacheOptions } from "../../src/planning/plan-cache.js";
import type { Planner, PlanRequest } from "../../src/planning/planner.js";
import { startPlanner } from "../../src/planning/start-planner.js";
import { warm } from "../../src/planning/warm.js";
import { composeThin } from "./thin-execution.js";

const supergraphSdl = composeThin({
  people: { sdl: `type Query { me: Person } type Person @key(fields: "id") { id: ID! name: String }` },
  posts: { sdl: `type Person @key(fields: "id") { id: ID! posts(first: Int): [String!]! }` },
});

let planner: Planner;
beforeAll(async () => {
  planner = await startPlanner({ supergraphSdl });
});
afterAll(() => planner.close());

/** Counts what reaches the real planner. */
function counted(options: Partial<PlanCacheOptions> = {}) {
  const asked: string[] = [];
  const behind: Planner = {
    plan: (request) => {
      asked.push(request.text);
      return planner.plan(request);
    },
    close: async () => {},
  };
  return { asked, cache: createPlanCache({ planner: behind, ...options }) };
}

const request = (text: string, overrides: readonly string[] = []): PlanRequest => ({ text, overrides });

test("However many ask at once and later, an operation is planned once", async () => {
  const { asked, cache } = counted();
  const plans = await Promise.all(Array.from({ length: 5 }, () => cache.plan(request("{ me { name } }"))));
  plans.push(await cache.plan(request("{ me { name } }")));
  expect(new Set(plans).size).toBe(1);
  expect(asked).toEqual(["{ me { name } }"]);
  expect(cache.statistics()).toMatchObject({ hits: 5, misses: 1, size: 1 });
});

test("Different overrides have plans of their own", async () => {
  const { asked, cache } = counted();
  await cache.plan(request("{ me { name } }"));
  await cache.plan(request("{ me { name } }", ["one"]));
  await cache.plan(request("{ me { name } }", ["one"]));
  expect(asked).toHaveLength(2);
});

test("A refusal is remembered for a while, and asked again after it", async () => {
  let now = 0;
  const { asked, cache } = counted({ refusalMs: 100, now: () => now });
  const refused = { code: "UNPLANNABLE_OPERATION" };
  await expect(cache.plan(request("{ nobody }"))).rejects.toMatchObject(refused);
  now = 99;
  await expect(cache.plan(request("{ nobody }"))).rejects.toMatchObject(refused);
  expect(asked).toHaveLength(1);
  now = 101;
  await expect(cache.plan(request("{ nobody }"))).rejects.toMatchObject(refused);
  expect(asked).toHaveLength(2);
});

test("A planner that broke is asked again at once", async () => {
  const gone = await startPlanner({ supergraphSdl });
  await gone.close();
  let current = gone;
  const behind: Planner = { plan: (one) => current.plan(one), close: async () => {} };
  const cache = createPlanCache({ planner: behind });
  await expect(cache.plan(request("{ me { id } }"))).rejects.toMatchObject({ code: "PLANNING_FAILED" });
  current = planner;
  await expect(cache.plan(request("{ me { id } }"))).resolves.toBeDefined();
});

test("The least recently used plan goes first, by number and by size", async () => {
  const { asked, cache } = counted({ max: 2 });
  for (const text of ["{ me { id } }", "{ me { name } }", "{ me { id } }", "{ me { posts } }", "{ me { id } }"]) {
    await cache.plan(request(text));
  }
  expect(asked).toHaveLength(3);
  await cache.plan(request("{ me { name } }"));
  expect(asked).toHaveLength(4);

  const small = counted({ maxBytes: 300 });
  for (const text of ["{ me { id } }", "{ me { name } }", "{ me { id name } }"]) await small.cache.plan(request(text));
  expect(small.cache.statistics().size).toBeLessThan(3);
  expect(small.cache.statistics().bytes).toBeLessThanOrEqual(300);
});

test("The hottest operations are those used most of late", async () => {
  let now = 0;
  const { cache } = counted({ now: () => now, halfLifeMs: 1_000 });
  for (let uses = 0; uses < 8; uses++) await cache.plan(request("{ me { id } }"));
  now = 5_000;
  for (let uses = 0; uses < 2; uses++) await cache.plan(request("{ me { name } }"));
  await cache.plan(request("{ me { posts } }"));
  expect(cache.hottest(2).map(({ text }) => text)).toEqual(["{ me { name } }", "{ me { posts } }"]);
  // Counted by somebody who keeps what was made of the plan.
  for (let uses = 0; uses < 9; uses++) cache.used(request("{ me { id } }"));
  expect(cache.hottest(1)).toEqual([request("{ me { id } }")]);
});

test("A new planner is warmed with the hottest operations, and one it refuses stops nothing", async () => {
  const { asked, cache } = counted();
  const works = ["{ me { id } }", "{ gone }", "{ me { name } }"].map((text) => () => cache.plan(request(text)));
  expect(await warm(works, { budgetMs: 30_000 })).toEqual({ done: 2, refused: 1, left: 0 });
  asked.length = 0;
  await cache.plan(request("{ me { name } }"));
  expect(asked).toEqual([]);
});

test("Warming ends when its time is up", async () => {
  const never = () => new Promise(() => {});
  expect(await warm([never, never], { budgetMs: 5 })).toEqual({ done: 0, refused: 0, left: 2 });
});

const same = [
  `query Q($b: Int, $a: Boolean!) { me { ...Name posts(first: $b) @include(if: $a) } } fragment Name on Person { name }`,
  `# The same again
   fragment Other on Person { id }
   fragment Name on Person { name, }
   query Q($a: Boolean!, $b: Int, ) { me { ...Name, posts(first: $b) @include(if: $a) } }`,
];

test("White space, comments, the order of definitions and unused fragments make no other operation", () => {
  expect(new Set(same.map((text) => normalise(parse(text)))).size).toBe(1);
});

test.each([
  ["a name", "query A { me { id } }", "query B { me { id } }"],
  ["the order of selections", "{ me { id name } }", "{ me { name id } }"],
  ["a literal", "{ me { posts(first: 1) } }", "{ me { posts(first: 2) } }"],
  ["a default", "query ($n: Int = 1) { me { posts(first: $n) } }", "query ($n: Int = 2) { me { posts(first: $n) } }"],
])("%s makes another operation", (_what, one, other) => {
  expect(normalise(parse(one))).not.toBe(normalise(parse(other)));
});

test("Variables nobody uses are left out, and only the operation that is meant is kept", () => {
  const document = parse("query A($a: Int, $b: Int) { me { posts(first: $b) } } query B { me { id } }");
  const [a, b] = document.definitions;
  if (a?.kind !== "OperationDefinition" || b?.kind !== "OperationDefinition") throw new Error("two operations");
  expect(normalise(document, a)).toBe("query A($b:Int){me{posts(first:$b)}}");
  expect(normalise(document, b)).toBe("query B{me{id}}");
  expect(() => normalise(document)).toThrow(/which operation/);
});
