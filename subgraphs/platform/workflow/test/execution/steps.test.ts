import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { dismiss, hire } from "../staff/staff.js";
import { refusals } from "./shop/shop.js";
import { act, definition, startWorld, type World } from "./world.js";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.graph.close());
beforeEach(() => refusals.clear());

describe("a GraphQL step", () => {
  test("acts for the organization, and its answer is seen by the steps after it", async () => {
    const person = world.newPerson();
    const second = act("second", { variables: { name: "$steps.first.shopDo.name & ' ' & $input.what" } });
    const run = await world.run(person, definition([act("first", { next: "second" }), second]), { what: "again" });
    expect(run).toMatchObject({ state: "COMPLETED", output: { second: { shopDo: { name: "first again" } } } });
    expect(await world.done(person)).toEqual(["first", "first again"]);
    expect(await world.done(world.newPerson())).toEqual([]);
  });

  test("shows what it was given, what it gave, and how often it tried", async () => {
    const person = world.newPerson();
    refusals.set("busy", { times: 1, code: "DATABASE_BUSY" });
    const run = await world.run(person, definition([act("busy", { output: "$result.shopDo.name & '!'" })]));
    expect(run.steps).toEqual([
      {
        ...{ path: "busy", type: "GRAPHQL", state: "COMPLETED", attempts: 2, input: { name: "busy" }, output: "busy!" },
        ...{ problem: null, undoState: "NONE", undoProblem: null },
      },
    ]);
  });

  test("tries again what may pass, and not what will not", async () => {
    const person = world.newPerson();
    refusals.set("no", { times: 1, code: "SHOP_REFUSED" });
    const run = await world.run(person, definition([act("no")]));
    expect(run).toMatchObject({ state: "FAILED", problem: { code: "SHOP_REFUSED", stepPath: "no" } });
    expect(run.steps[0]).toMatchObject({ state: "FAILED", attempts: 1, problem: { code: "SHOP_REFUSED" } });
    const retry = { attempts: 3, backoffSeconds: 0.01 };
    refusals.set("no", { times: 2, code: "SHOP_REFUSED" });
    const asked = await world.run(person, definition([act("no", { retry })]));
    expect(asked).toMatchObject({ state: "COMPLETED", steps: [{ attempts: 3 }] });
  });

  test("may do no more than the definition states", async () => {
    const person = world.newPerson();
    const run = await world.run(person, { scopes: ["shop:read"], steps: [act("first")] });
    expect(run).toMatchObject({ state: "FAILED", problem: { code: "UNAUTHORIZED_FIELD_OR_TYPE" } });
    expect(await world.done(person)).toEqual([]);
  });
});

describe("a step that asks somebody by name", () => {
  const ask = { id: "ask", type: "task", title: "'Look'", assignTo: { person: "$input.what" } };
  const approvers = [{ person: "$execution.startedBy" }, { person: "$input.what" }];
  const decide = { id: "decide", type: "approval", title: "'May we?'", approvers, rule: "ANY" };
  const asked = "query ($id: ID!) { workflowExecution(id: $id) { tasks { id } approvals { id } } }";

  test("asks who works in the organization when it begins", async () => {
    const person = world.newPerson();
    await hire(world.graph.database, person);
    const run = await world.run(person, definition([ask]), { what: person.id });
    expect(run).toMatchObject({ state: "WAITING", steps: [{ path: "ask", state: "WAITING" }] });
    const { workflowExecution } = await world.graph.data(person, asked, { id: run.id });
    expect(workflowExecution).toMatchObject({ tasks: [{}], approvals: [] });
  });

  test.each([ask, decide])(
    "fails once, says why and asks nobody, where $id names nobody who works there",
    async (step) => {
      const person = world.newPerson();
      const [stranger, former] = [world.newPerson(), { ...person, id: world.newPerson().id }];
      await hire(world.graph.database, person, stranger, former);
      await dismiss(world.graph.database, former);
      for (const { id: what } of [stranger, former]) {
        const run = await world.run(person, definition([step]), { what });
        expect(run).toMatchObject({ state: "FAILED", problem: { code: "PERSON_UNKNOWN", stepPath: step.id } });
        expect(run.problem.message).toContain(what);
        expect(run.steps).toMatchObject([{ state: "FAILED", attempts: 1 }]);
        const { workflowExecution } = await world.graph.data(person, asked, { id: run.id });
        expect(workflowExecution).toEqual({ tasks: [], approvals: [] });
      }
    },
  );
});

describe("a condition", () => {
  const branches = [{ when: "$input.amount > 100", next: "large" }, { when: "$input.amount > 10" }];
  const decide = { id: "decide", type: "condition", branches, otherwise: { next: "small" } };
  const content = definition([decide, act("large"), act("small")]);

  test.each([
    [500, ["large"]],
    [50, []],
    [5, ["small"]],
  ])("takes the first branch that holds: %d", async (amount, expected) => {
    const person = world.newPerson();
    expect(await world.run(person, content, { amount })).toMatchObject({ state: "COMPLETED" });
    expect(await world.done(person)).toEqual(expected);
  });
});

describe("a loop", () => {
  const each = {
    id: "each",
    type: "loop",
    over: "$input.names",
    steps: [act("do", { variables: { name: "$item & $index" } })],
  };

  test("runs its block once for each item, in order", async () => {
    const person = world.newPerson();
    const run = await world.run(person, definition([each]), { names: ["a", "b", "c"] });
    expect(await world.done(person)).toEqual(["a0", "b1", "c2"]);
    expect(run.output.each).toEqual(["a0", "b1", "c2"].map((name) => ({ do: { shopDo: { name } } })));
    expect(run.steps.map(({ path }: { path: string }) => path)).toEqual([
      "each",
      "each[0].do",
      "each[1].do",
      "each[2].do",
    ]);
  });

  test("of nothing does nothing, and a list longer than its limit fails it", async () => {
    const person = world.newPerson();
    expect(await world.run(person, definition([each]), { names: [] })).toMatchObject({ output: { each: [] } });
    const few = definition([{ ...each, limit: 2 }]);
    expect(await world.run(person, few, { names: ["a", "b", "c"] })).toMatchObject({
      problem: { code: "LOOP_INVALID" },
    });
    expect(await world.done(person)).toEqual([]);
  });

  test("takes several items at once when it is told to", async () => {
    const person = world.newPerson();
    const names = Array.from({ length: 12 }, (_, index) => `n${index}-`);
    const run = await world.run(person, definition([{ ...each, concurrency: 4 }]), { names });
    expect(run.state).toBe("COMPLETED");
    expect((await world.done(person)).sort()).toEqual(names.map((name, index) => `${name}${index}`).sort());
  });
});

test("an output that cannot be made fails its step, whatever the step waited for", async () => {
  const person = world.newPerson();
  const wait = { id: "pause", type: "wait", wait: { seconds: "0" }, output: "$error('no')", next: "after" };
  const run = await world.run(person, definition([wait, act("after")]));
  const ended = run.state === "WAITING" ? await world.until(person, run.id, "FAILED") : run;
  expect(ended).toMatchObject({ state: "FAILED", problem: { code: "EXPRESSION_FAILED", stepPath: "pause" } });
  expect(ended.steps).toMatchObject([{ path: "pause", state: "FAILED", problem: { code: "EXPRESSION_FAILED" } }]);
});

describe("parallel branches", () => {
  const both = (left: object[], right: object[]) => ({
    id: "both",
    type: "parallel",
    branches: [
      { id: "left", steps: left },
      { id: "right", steps: right },
    ],
  });

  test("all run, and give what each of their steps gave", async () => {
    const person = world.newPerson();
    const content = definition([
      { ...both([act("a", { next: "b" }), act("b")], [act("c")]), next: "last" },
      act("last"),
    ]);
    const run = await world.run(person, content);
    expect(run.output.both).toEqual({
      left: { a: { shopDo: { name: "a" } }, b: { shopDo: { name: "b" } } },
      right: { c: { shopDo: { name: "c" } } },
    });
    expect((await world.done(person)).at(-1)).toBe("last");
    expect(run.steps.map(({ path }: { path: string }) => path).sort()).toEqual(
      ["both", "both.left.a", "both.left.b", "both.right.c", "last"].sort(),
    );
  });

  test("one that fails fails the whole, after the others have ended", async () => {
    const person = world.newPerson();
    refusals.set("bad", { times: 1, code: "SHOP_REFUSED" });
    const run = await world.run(
      person,
      definition([{ ...both([act("bad")], [act("good")]), next: "last" }, act("last")]),
    );
    expect(run).toMatchObject({ state: "FAILED", problem: { code: "SHOP_REFUSED", stepPath: "both.left.bad" } });
    expect(await world.done(person)).toEqual(["good"]);
  });
});

describe("a sub-workflow", () => {
  test("runs as an execution of its own, and gives its output", async () => {
    const person = world.newPerson();
    const child = await world.publish(
      person,
      definition([act("inner", { variables: { name: "$input.name" } })], { output: "$steps.inner.shopDo.name" }),
    );
    const call = { id: "call", type: "workflow", workflow: child.key, input: { name: "'from above'" } };
    const run = await world.run(person, definition([call]));
    const done = run.state === "WAITING" ? await world.until(person, run.id, "COMPLETED") : run;
    expect(done).toMatchObject({ state: "COMPLETED", output: { call: "from above" } });
  });

  test("that fails fails the step that called it", async () => {
    const person = world.newPerson();
    refusals.set("inner", { times: 1, code: "SHOP_REFUSED" });
    const child = await world.publish(person, definition([act("inner")]));
    const run = await world.run(person, definition([{ id: "call", type: "workflow", workflow: child.key }]));
    const ended = run.state === "WAITING" ? await world.until(person, run.id, "FAILED") : run;
    expect(ended).toMatchObject({ problem: { code: "SUB_WORKFLOW_FAILED", stepPath: "call" } });
  });
});
