import { readdirSync, readFileSync } from "node:fs";
import { constants, getPriority } from "node:os";
import { afterEach, expect, test } from "vitest";
import { RouterError } from "../../src/errors/router-error.js";
import type { Planner } from "../../src/planning/planner.js";
import { type PlannerOptions, startPlanner } from "../../src/planning/start-planner.js";
import { composeThin } from "./thin-execution.js";

const supergraphSdl = composeThin({
  people: {
    sdl: `
      type Query { me: Person people: [Person!]! }
      type Person @key(fields: "id") { id: ID! name: String }`,
  },
  posts: {
    sdl: `
      type Query { posts: [Post!]! }
      type Subscription { posted: Post }
      type Post @key(fields: "id") { id: ID! text: String author: Person }
      type Person @key(fields: "id") { id: ID! posts: [Post!]! }`,
  },
});

/** Each field is in three of six subgraphs, so that every level multiplies the ways to ask for it. */
const ambiguous = composeThin(
  Object.fromEntries(
    Array.from({ length: 6 }, (_, at) => {
      const fields = [0, 1, 2].map((more) => `f${(at + more) % 6}: Int @shareable`).join(" ");
      const query = at === 0 ? "type Query { node: Node }" : "";
      return [`s${at}`, { sdl: `${query} type Node @key(fields: "id") { id: ID! ${fields} next: Node @shareable }` }];
    }),
  ),
);

/** Takes the planner minutes when nothing limits it. */
const endless = (() => {
  const nest = (depth: number): string => `{ f0 f1 f2 f3 f4 f5 ${depth === 0 ? "" : `next ${nest(depth - 1)}`} }`;
  return `{ node ${nest(6)} }`;
})();

const open: Planner[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((planner) => planner.close()));
});

async function start(options: Partial<PlannerOptions> = {}): Promise<Planner> {
  const planner = await startPlanner({ supergraphSdl, ...options });
  open.push(planner);
  return planner;
}

const simple = { text: "{ me { name posts { text } } }", overrides: [] };

/** Of every thread of this process: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html, field 19. */
function niceness(): number[] {
  return readdirSync("/proc/self/task").map((thread) => {
    const stat = readFileSync(`/proc/self/task/${thread}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[16]);
  });
}

test.runIf(process.platform === "linux")(
  "Threads give way to others where they are told to, and only then",
  async () => {
    const own = getPriority();
    const planner = await start();
    expect(new Set(niceness())).toEqual(new Set([own]));
    await planner.close();
    const other = await start({ givesWay: true });
    const isLowest = own === constants.priority.PRIORITY_LOW;
    expect(niceness().filter((one) => one > own)).toHaveLength(isLowest ? 0 : 1);
    expect(getPriority()).toBe(own);
    expect(await other.plan(simple)).toMatchObject({ text: simple.text });
  },
);

test.each([0, 1, 2])("With %i threads, a plan is plain data and the same", async (workers) => {
  const planner = await start({ workers });
  const planned = await planner.plan(simple);
  expect(planned).toEqual(JSON.parse(JSON.stringify(planned)));
  expect(planned).toMatchObject({ text: simple.text, responseNames: {} });
  expect(planned.plan.node).toMatchObject({
    kind: "Sequence",
    nodes: [
      { kind: "Fetch", serviceName: "people" },
      { kind: "Flatten", path: ["me"], node: { kind: "Fetch", serviceName: "posts" } },
    ],
  });
});

test("Many operations are planned at once, each with its own plan", async () => {
  const planner = await start({ workers: 2 });
  const names = Array.from({ length: 40 }, (_, at) => `q${at}`);
  const plans = await Promise.all(
    names.map((name) => planner.plan({ text: `query ${name} { posts { id author { name } } }`, overrides: [] })),
  );
  expect(plans.map(({ text }) => text.split(" ")[1])).toEqual(names);
});

test.each([0, 1])(
  "With %i threads, an operation that does not fit the schema is refused with the reason",
  async (workers) => {
    const planner = await start({ workers });
    const refused = planner.plan({ text: "{ nobody }", overrides: [] });
    await expect(refused).rejects.toMatchObject({ code: "UNPLANNABLE_OPERATION", message: /"nobody"/ });
    await expect(planner.plan(simple)).resolves.toBeDefined();
  },
);

test.each([0, 1])(
  "With %i threads, what is not GraphQL at all is refused and not counted as broken",
  async (workers) => {
    const planner = await start({ workers });
    await expect(planner.plan({ text: "{", overrides: [] })).rejects.toMatchObject({ code: "UNPLANNABLE_OPERATION" });
  },
);

test("@defer is planned in a query, and refused in a subscription", async () => {
  const planner = await start();
  const deferred = await planner.plan({
    text: '{ me { name ... @defer(label: "p") { posts { text } } } }',
    overrides: [],
  });
  expect(deferred.plan.node).toMatchObject({ kind: "Defer", deferred: [{ label: "p" }] });
  const text = "subscription { posted { id ... @defer { author { name } } } }";
  await expect(planner.plan({ text, overrides: [] })).rejects.toMatchObject({
    code: "UNPLANNABLE_OPERATION",
    message: "No module can answer this operation: @defer cannot be used in a subscription.",
  });
  const plain = await planner.plan({ text: text.replace("@defer", ""), overrides: [] });
  expect(plain.plan.node).toMatchObject({ kind: "Subscription", primary: { serviceName: "posts" } });
});

test("Without enableDefer, the whole answer is planned at once", async () => {
  const planner = await start({ enableDefer: false });
  const planned = await planner.plan({ text: "{ me { name ... @defer { posts { text } } } }", overrides: [] });
  expect(planned.plan.node).toMatchObject({ kind: "Sequence" });
});

test("An operation that takes too long ends with its thread, and those that wait are planned by another one", async () => {
  const planner = await start({ supergraphSdl: ambiguous, timeoutMs: 3_000, maxEvaluatedPlans: 1e12 });
  const slow = planner.plan({ text: endless, overrides: [] });
  const behind = planner.plan({ text: "{ node { f0 } }", overrides: [] });
  await expect(slow).rejects.toMatchObject({ code: "PLANNING_TIMEOUT", extensions: { details: { limit: 3_000 } } });
  await expect(behind).resolves.toMatchObject({ plan: { node: { kind: "Fetch" } } });
});

test("The number of plans that are compared is limited, so that the same operation is planned in time", async () => {
  const planner = await start({ supergraphSdl: ambiguous, timeoutMs: 20_000, maxEvaluatedPlans: 10 });
  const text = "{ node { f0 f3 next { f1 f4 next { f2 f5 } } } }";
  await expect(planner.plan({ text, overrides: [] })).resolves.toMatchObject({ plan: { node: { kind: "Sequence" } } });
});

/** A few lines that unfold to a million selections. */
const unfolding = (() => {
  const fragments = Array.from(
    { length: 20 },
    (_, at) => `fragment F${at} on Node { a: next { ...F${at + 1} } b: next { ...F${at + 1} } }`,
  );
  return `{ node { ...F0 } } ${fragments.join(" ")} fragment F20 on Node { f0 }`;
})();

test("An operation that takes too much memory fails alone", async () => {
  const planner = await start({ supergraphSdl: ambiguous, timeoutMs: 60_000, memoryMb: 64 });
  const greedy = planner.plan({ text: unfolding, overrides: [] });
  const behind = planner.plan({ text: "{ node { f0 } }", overrides: [] });
  await expect(greedy).rejects.toMatchObject({ code: "PLANNING_FAILED" });
  await expect(behind).resolves.toBeDefined();
}, 90_000);

test("As many requests wait as may, and the next one is refused at once", async () => {
  const planner = await start({ supergraphSdl: ambiguous, timeoutMs: 3_000, maxEvaluatedPlans: 1e12, maxWaiting: 1 });
  const slow = planner.plan({ text: endless, overrides: [] });
  const waits = planner.plan({ text: "{ node { f0 } }", overrides: [] });
  const refused = planner.plan({ text: "{ node { f1 } }", overrides: [] });
  await expect(refused).rejects.toMatchObject({ code: "PLANNING_OVERLOADED", status: 503 });
  await expect(slow).rejects.toMatchObject({ code: "PLANNING_TIMEOUT" });
  await expect(waits).resolves.toBeDefined();
});

test.each([0, 1])("With %i threads, a supergraph that cannot be planned is refused at the start", async (workers) => {
  const broken = supergraphSdl.replace('key: "id"', 'key: "nothing"');
  const started = startPlanner({ supergraphSdl: broken, workers });
  await expect(started).rejects.toMatchObject({ code: "SUPERGRAPH_INVALID", message: /Compose it again/ });
});

test("After close, waiting requests and new ones fail, and nothing is left running", async () => {
  const planner = await startPlanner({ supergraphSdl: ambiguous, maxEvaluatedPlans: 1e12 });
  const slow = planner.plan({ text: endless, overrides: [] }).catch((error: unknown) => error);
  const waits = planner.plan({ text: "{ node { f0 } }", overrides: [] }).catch((error: unknown) => error);
  await planner.close();
  for (const error of [await slow, await waits, await planner.plan(simple).catch((late: unknown) => late)]) {
    expect(error).toBeInstanceOf(RouterError);
    expect(error).toMatchObject({ code: "PLANNING_FAILED" });
  }
});
