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

describe("a workflow that was a step", () => {
  const call = (id: string, key: string, next?: string) => ({
    ...{ id, type: "workflow", workflow: key },
    ...(next ? { next } : {}),
  });
  const readBelow =
    "query ($id: ID!) { workflowExecution(id: $id) { children { id state children { state } } steps { path state undoState } } }";

  /** One calls another that calls a third, each between two steps of its own; then the outermost fails. */
  async function nest(person: ReturnType<World["newPerson"]>): Promise<object> {
    const steps = (name: string, key: string) => [undoable(`${name}1`, "call"), call("call", key, `${name}2`)];
    const third = await world.publish(person, definition([undoable("c")], { kind: "SAGA" }));
    const second = await world.publish(
      person,
      definition([...steps("b", third.key), undoable("b2")], { kind: "SAGA" }),
    );
    return definition([...steps("a", second.key), undoable("a2", "last"), act("last", { undo: "none" })], {
      kind: "SAGA",
    });
  }

  test("is undone in its turn when the workflow around it fails later, and so are those it called", async () => {
    const person = world.newPerson();
    refusals.set("last", { times: 1, code: "SHOP_REFUSED" });
    const { key } = await world.publish(person, await nest(person));
    const run = await world.until(person, await world.start(person, key), "UNDONE");
    expect(run).toMatchObject({ problem: { code: "SHOP_REFUSED" } });
    const done = ["a1", "b1", "c", "b2", "a2"];
    expect(await world.done(person)).toEqual([...done, ...done.toReversed().map((name) => `undo ${name}`)]);
    const { workflowExecution } = await world.graph.data(person, readBelow, { id: run.id });
    expect(workflowExecution.children).toMatchObject([{ state: "UNDONE", children: [{ state: "UNDONE" }] }]);
    expect(workflowExecution.steps.find(({ path }: Step) => path === "call")).toMatchObject({
      ...{ state: "COMPLETED", undoState: "UNDONE" },
    });
  });

  test("stays done when the workflow around it completes, and nothing of it is left waiting", async () => {
    const person = world.newPerson();
    const { key } = await world.publish(person, await nest(person));
    await world.until(person, await world.start(person, key), "COMPLETED");
    await world.graph.settle();
    expect(await world.done(person)).toEqual(["a1", "b1", "c", "b2", "a2", "last"]);
    const { admin } = world.graph.database;
    const states = await admin`select state from kernel.process where tenant_id = ${person.tenantId}`;
    expect(states.map(({ state }) => state)).toEqual(["COMPLETED", "COMPLETED", "COMPLETED"]);
  });

  test("that cannot be undone keeps what came before it standing until a person has helped", async () => {
    const person = world.newPerson();
    refusals.set("last", { times: 1, code: "SHOP_REFUSED" });
    refusals.set("undo b", { times: 1, code: "SHOP_REFUSED" });
    const undo = { ...takeBack("b"), retry: { attempts: 1, backoffSeconds: 0.01 } };
    const { key } = await world.publish(person, definition([act("b", { undo })], { kind: "SAGA" }));
    const steps = [undoable("a", "call"), call("call", key, "last"), act("last", { undo: "none" })];
    const id = await world.start(person, (await world.publish(person, definition(steps, { kind: "SAGA" }))).key);
    const childOf = async () => (await world.graph.data(person, readBelow, { id })).workflowExecution.children[0];
    await expect.poll(async () => (await childOf())?.state).toBe("STUCK");
    expect(await world.done(person)).toEqual(["a", "b"]);
    const retry = "mutation ($id: ID!) { retryWorkflowExecution(id: $id) { state } }";
    await world.graph.data(person, retry, { id: (await childOf()).id });
    await world.until(person, id, "UNDONE");
    expect(await world.done(person)).toEqual(["a", "b", "undo b", "undo a"]);
  });

  test("is out of reach once its step is forgotten by a retry from before it", async () => {
    const person = world.newPerson();
    refusals.set("last", { times: 1, code: "SHOP_REFUSED" });
    const { key } = await world.publish(person, definition([undoable("b")]));
    const steps = [{ id: "call", type: "workflow", workflow: key, next: "last" }, act("last")];
    const id = await world.start(person, (await world.publish(person, definition(steps))).key);
    await world.until(person, id, "FAILED");
    await world.graph.settle();
    const retry = `mutation ($id: ID!) { retryWorkflowExecution(id: $id, fromStep: "call") { state } }`;
    await world.graph.data(person, retry, { id });
    await world.until(person, id, "COMPLETED");
    await world.graph.settle();
    expect(await world.done(person)).toEqual(["b", "b", "last"]);
    const { admin } = world.graph.database;
    const left = await admin`select 1 from kernel.process where tenant_id = ${person.tenantId}
        and name = 'run-workflow' and state <> 'COMPLETED'`;
    expect(left).toHaveLength(0);
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
