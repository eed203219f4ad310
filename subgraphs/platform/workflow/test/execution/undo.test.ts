import { platformEvents } from "@tessera/shared-types";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { refusals } from "./shop/shop.js";
import { act, definition, startWorld, takeBack, type World } from "./world.js";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.graph.close());
beforeEach(() => refusals.clear());

const undoable = (id: string, next?: string) => act(id, { undo: takeBack(id), ...(next ? { next } : {}) });
const saga = definition([undoable("one", "two"), undoable("two", "three"), act("three", { undo: "none" })], {
  kind: "SAGA",
});
const undoFields = "saga { standing steps { path undoState } }";
const readSaga = `query ($id: ID!) { workflowExecution(id: $id) { ${undoFields} } }`;
type Step = { path: string; undoState: string };

describe("a saga", () => {
  test("that fails takes back what it did, the last thing first", async () => {
    const person = world.newPerson();
    refusals.set("three", { times: 1, code: "SHOP_REFUSED" });
    const run = await world.run(person, saga);
    expect(run).toMatchObject({ state: "UNDONE", problem: { code: "SHOP_REFUSED", stepPath: "three" } });
    expect(await world.done(person)).toEqual(["one", "two", "undo two", "undo one"]);
    const { workflowExecution } = await world.graph.data(person, readSaga, { id: run.id });
    expect(workflowExecution.saga).toEqual({
      standing: 0,
      steps: [
        { path: "two", undoState: "UNDONE" },
        { path: "one", undoState: "UNDONE" },
      ],
    });
  });

  test("whose first step fails has nothing to take back", async () => {
    const person = world.newPerson();
    refusals.set("one", { times: 1, code: "SHOP_REFUSED" });
    expect(await world.run(person, saga)).toMatchObject({ state: "FAILED", problem: { stepPath: "one" } });
    expect(await world.done(person)).toEqual([]);
  });

  test("that completes takes nothing back", async () => {
    const person = world.newPerson();
    expect(await world.run(person, saga)).toMatchObject({ state: "COMPLETED" });
    expect(await world.done(person)).toEqual(["one", "two", "three"]);
  });

  test("takes parallel branches back in the reverse of the order in which they ended", async () => {
    const person = world.newPerson();
    refusals.set("last", { times: 1, code: "SHOP_REFUSED" });
    const branches = ["a", "b", "c"].map((id) => ({ id, steps: [undoable(`${id}${id}`)] }));
    const both = { id: "both", type: "parallel", branches, next: "last" };
    const run = await world.run(person, definition([both, undoable("last")], { kind: "SAGA" }));
    expect(run.state).toBe("UNDONE");
    await world.graph.settle();
    const ends = world.graph.published(platformEvents.workflowStepCompleted);
    const ended = ends.flatMap(({ payload: { executionId, path, stepId } }) =>
      executionId === run.id && path.startsWith("both.") ? [stepId] : [],
    );
    const undone = (await world.done(person)).filter((name) => name.startsWith("undo"));
    expect(undone).toEqual(ended.reverse().map((id) => `undo ${id}`));
  });

  test("whose undo fails for good waits for a person, who lets it go on", async () => {
    const person = world.newPerson();
    refusals.set("three", { times: 1, code: "SHOP_REFUSED" });
    refusals.set("undo one", { times: 2, code: "SHOP_REFUSED" });
    const steps = [
      act("one", { next: "two", undo: { ...takeBack("one"), retry: { attempts: 2, backoffSeconds: 0.01 } } }),
      undoable("two", "three"),
      act("three", { undo: "none" }),
    ];
    const run = await world.run(person, definition(steps, { kind: "SAGA" }));
    expect(run).toMatchObject({ state: "STUCK", problem: { code: "SHOP_REFUSED", stepPath: "one" } });
    const stuck = run.steps.find(({ path }: Step) => path === "one");
    expect(stuck).toMatchObject({ undoState: "FAILED", undoProblem: { code: "SHOP_REFUSED" } });
    expect(await world.done(person)).toEqual(["one", "two", "undo two"]);
    await world.graph.settle();
    await world.graph.data(person, "mutation ($id: ID!) { retryWorkflowExecution(id: $id) { state } }", { id: run.id });
    await world.until(person, run.id, "UNDONE");
    expect(await world.done(person)).toEqual(["one", "two", "undo two", "undo one"]);
  });

  test("sees in its undo what the step got", async () => {
    const person = world.newPerson();
    refusals.set("two", { times: 1, code: "SHOP_REFUSED" });
    const variables = { name: "'back: ' & $result.shopDo.name & $input.what" };
    const one = act("one", { next: "two", output: "'!'", undo: { ...takeBack("one"), variables } });
    const content = definition([one, act("two", { undo: "none" })], { kind: "SAGA" });
    const { key } = await world.publish(person, content);
    const id = await world.start(person, key, { what: "?" });
    await world.until(person, id, "UNDONE");
    expect(await world.done(person)).toEqual(["one", "back: one?"]);
  });
});

describe("cancelling", () => {
  const task = { id: "ask", type: "task", title: "'Look'", assignTo: { role: "owner" } };
  const cancel = "mutation ($id: ID!, $undo: Boolean!) { cancelWorkflowExecution(id: $id, undo: $undo) { state } }";
  const waiting = definition([undoable("one", "ask"), { ...task, next: "two" }, undoable("two")]);
  const tasks = "query ($id: ID!) { workflowExecution(id: $id) { tasks { state } } }";

  test("with undo takes back what was done, and asks nobody for anything any more", async () => {
    const person = world.newPerson();
    const { id } = await world.run(person, waiting);
    await world.graph.data(person, cancel, { id, undo: true });
    const ended = await world.until(person, id, "UNDONE");
    expect(ended.problem.code).toBe("EXECUTION_CANCELLED");
    expect(await world.done(person)).toEqual(["one", "undo one"]);
    const { workflowExecution } = await world.graph.data(person, tasks, { id });
    expect(workflowExecution.tasks).toEqual([{ state: "CANCELLED" }]);
  });

  test("without undo leaves what was done", async () => {
    const person = world.newPerson();
    const { id } = await world.run(person, waiting);
    await world.graph.data(person, cancel, { id, undo: false });
    const ended = await world.until(person, id, "CANCELLED");
    expect(ended.steps.map(({ state }: { state: string }) => state)).toEqual(["COMPLETED", "CANCELLED"]);
    await world.graph.settle();
    expect(await world.done(person)).toEqual(["one"]);
    const ends = world.graph.published(platformEvents.workflowExecutionCompleted);
    expect(ends.find(({ aggregateId }) => aggregateId === id)?.payload.state).toBe("CANCELLED");
  });

  test("what has ended cannot be cancelled, and a stranger's execution is not there", async () => {
    const person = world.newPerson();
    const { id } = await world.run(person, definition([act("one")]));
    const codeFor = async (who: typeof person) =>
      (await world.graph.ask(who, cancel, { id, undo: true })).errors?.[0]?.extensions.code;
    expect(await codeFor(person)).toBe("EXECUTION_STATE");
    expect(await codeFor(world.newPerson())).toBe("EXECUTION_NOT_FOUND");
  });

  test("ends what its steps have started", async () => {
    const person = world.newPerson();
    const child = await world.publish(person, waiting);
    const run = await world.run(person, definition([{ id: "call", type: "workflow", workflow: child.key }]));
    const children = "query ($id: ID!) { workflowExecution(id: $id) { children { id state } } }";
    await world.graph.settle();
    const below = await world.graph.data(person, children, { id: run.id });
    await world.until(person, below.workflowExecution.children[0].id, "WAITING");
    await world.graph.data(person, cancel, { id: run.id, undo: true });
    await world.until(person, run.id, "UNDONE");
    await world.until(person, below.workflowExecution.children[0].id, "UNDONE");
    expect(await world.done(person)).toEqual(["one", "undo one"]);
  });
});
