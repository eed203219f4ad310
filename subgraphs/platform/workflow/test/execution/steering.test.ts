import { platformEvents } from "@tessera/shared-types";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { refusals } from "./shop/shop.js";
import { act, definition, startWorld, type World } from "./world.js";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.graph.close());
beforeEach(() => refusals.clear());

const task = { id: "ask", type: "task", title: "'Look at ' & $input.what", assignTo: { role: "owner" }, next: "two" };
const withTask = definition([
  act("one", { next: "ask" }),
  task,
  act("two", { variables: { name: "$steps.ask.note" } }),
]);
const steer = (name: string) => `mutation ($id: ID!) { ${name}WorkflowExecution(id: $id) { state } }`;
const complete = "mutation ($id: ID!, $a: JSON) { completeTask(id: $id, answer: $a) { state } }";
const claim = "mutation ($id: ID!) { claimTask(id: $id) { state } }";
const asked = "query ($id: ID!) { workflowExecution(id: $id) { tasks { id title } approvals { id title } } }";

async function answerTask(person: ReturnType<World["newPerson"]>, id: string, answer: object) {
  const { workflowExecution } = await world.graph.data(person, asked, { id });
  const [{ id: taskId }] = workflowExecution.tasks.slice(-1);
  await world.graph.data(person, claim, { id: taskId });
  await world.graph.data(person, complete, { id: taskId, a: answer });
}

describe("people", () => {
  test("a task holds the execution up until somebody has done it, and gives it the answer", async () => {
    const person = world.newPerson();
    const { key } = await world.publish(person, withTask);
    const id = await world.start(person, key, { what: "this" });
    const waiting = await world.until(person, id, "WAITING");
    expect(waiting.steps.map(({ state }: { state: string }) => state)).toEqual(["COMPLETED", "WAITING"]);
    const { workflowExecution } = await world.graph.data(person, asked, { id });
    expect(workflowExecution.tasks).toMatchObject([{ title: "Look at this" }]);
    await answerTask(person, id, { note: "seen" });
    expect(await world.until(person, id, "COMPLETED")).toMatchObject({ output: { ask: { note: "seen" } } });
    expect(await world.done(person)).toEqual(["one", "seen"]);
  });

  const approval = (more: object = {}) => ({
    ...{ id: "may", type: "approval", title: "'May it?'", approvers: [{ role: "owner" }], starterMayDecide: true },
    ...more,
  });
  const decide = "mutation ($id: ID!, $d: ApprovalDecision!) { decideApproval(id: $id, decision: $d) { state } }";

  test.each([
    ["APPROVED", {}, "COMPLETED", ["yes"]],
    ["REJECTED", { rejected: "no" }, "COMPLETED", ["no"]],
    ["REJECTED", {}, "FAILED", []],
  ])("an approval that is %s goes its way: %j", async (decision, more, state, expected) => {
    const person = world.newPerson();
    const steps = [approval({ next: "yes", ...more }), act("yes"), ...("rejected" in more ? [act("no")] : [])];
    const { key } = await world.publish(person, definition(steps));
    const id = await world.start(person, key);
    await world.until(person, id, "WAITING");
    const { workflowExecution } = await world.graph.data(person, asked, { id });
    await world.graph.data(person, decide, { id: workflowExecution.approvals[0].id, d: decision });
    const ended = await world.until(person, id, "COMPLETED", "FAILED");
    expect(ended.state).toBe(state);
    if (state === "FAILED") expect(ended.problem).toMatchObject({ code: "APPROVAL_REJECTED", stepPath: "may" });
    expect(await world.done(person)).toEqual(expected);
    await world.graph.settle();
    const granted = world.graph.published(platformEvents.approvalGranted);
    expect(granted.some(({ payload }) => payload.executionId === id)).toBe(decision === "APPROVED");
  });
});

describe("steering", () => {
  test("a paused execution goes no further until it is resumed", async () => {
    const person = world.newPerson();
    const { id } = await world.run(person, withTask);
    await world.graph.data(person, steer("pause"), { id });
    await answerTask(person, id, { note: "later" });
    await world.graph.settle();
    expect(await world.done(person)).toEqual(["one"]);
    expect((await world.until(person, id, "PAUSED")).state).toBe("PAUSED");
    await world.graph.data(person, steer("resume"), { id });
    await world.until(person, id, "COMPLETED");
    expect(await world.done(person)).toEqual(["one", "later"]);
  });

  test("one that failed goes on from the failed step, without repeating what was done", async () => {
    const person = world.newPerson();
    refusals.set("two", { times: 1, code: "SHOP_REFUSED" });
    const { id, state } = await world.run(person, definition([act("one", { next: "two" }), act("two")]));
    expect(state).toBe("FAILED");
    await world.graph.settle();
    await world.graph.data(person, steer("retry"), { id });
    expect(await world.until(person, id, "COMPLETED")).toMatchObject({ problem: null });
    expect(await world.done(person)).toEqual(["one", "two"]);
  });

  test("or from an earlier step, from where everything is done anew", async () => {
    const person = world.newPerson();
    refusals.set("two", { times: 1, code: "SHOP_REFUSED" });
    const steps = [act("zero", { next: "one" }), act("one", { next: "two" }), act("two")];
    const { id } = await world.run(person, definition(steps));
    await world.graph.settle();
    const retry = "mutation ($id: ID!, $from: String) { retryWorkflowExecution(id: $id, fromStep: $from) { state } }";
    const wrong = await world.graph.ask(person, retry, { id, from: "nothing" });
    expect(wrong.errors?.[0]?.extensions.code).toBe("EXECUTION_STEP_NOT_FOUND");
    await world.graph.data(person, retry, { id, from: "one" });
    await world.until(person, id, "COMPLETED");
    expect(await world.done(person)).toEqual(["zero", "one", "one", "two"]);
  });

  test("a task that is asked for anew is a new task", async () => {
    const person = world.newPerson();
    refusals.set("bad", { times: 1, code: "SHOP_REFUSED" });
    const { id } = await world.run(person, withTask);
    await answerTask(person, id, { note: "bad" });
    await world.until(person, id, "FAILED");
    await world.graph.settle();
    const retry = `mutation ($id: ID!) { retryWorkflowExecution(id: $id, fromStep: "ask") { state } }`;
    await world.graph.data(person, retry, { id });
    await world.until(person, id, "WAITING");
    await answerTask(person, id, { note: "good" });
    await world.until(person, id, "COMPLETED");
    expect(await world.done(person)).toEqual(["one", "good"]);
  });

  test("one that failed can be retried or undone for thirty days after it last failed, and then it is over", async () => {
    const person = world.newPerson();
    refusals.set("two", { times: 2, code: "SHOP_REFUSED" });
    const { id } = await world.run(person, definition([act("one", { next: "two" }), act("two")]));
    await world.graph.settle();
    world.graph.clock.advance({ days: 29 });
    await world.graph.data(person, steer("retry"), { id });
    await expect.poll(() => refusals.get("two")?.times, { timeout: 15_000 }).toBe(0);
    await world.until(person, id, "FAILED");
    world.graph.clock.advance({ days: 29 });
    await world.graph.settle();
    const processOf = async () =>
      (await world.graph.database.admin`select state from kernel.process where id = ${id}`)[0]?.state;
    expect(await processOf()).toBe("STUCK");
    world.graph.clock.advance({ days: 1, seconds: 5 });
    await expect.poll(processOf, { timeout: 15_000 }).toBe("CANCELLED");
    for (const action of ["retry", "cancel"]) {
      const { errors } = await world.graph.ask(person, steer(action), { id });
      expect(errors?.[0]?.extensions.code).toBe("EXECUTION_OVER");
    }
    expect(await world.until(person, id, "FAILED")).toMatchObject({ problem: { code: "SHOP_REFUSED" } });
    expect(await world.done(person)).toEqual(["one"]);
  });

  test("a saga that failed with nothing to undo is over at once", async () => {
    const person = world.newPerson();
    refusals.set("one", { times: 1, code: "SHOP_REFUSED" });
    const { id } = await world.run(person, definition([act("one", { undo: "none" })], { kind: "SAGA" }));
    await world.graph.settle();
    const { errors } = await world.graph.ask(person, steer("retry"), { id });
    expect(errors?.[0]?.extensions.code).toBe("EXECUTION_OVER");
  });

  test("one key starts one execution, and an input that does not fit starts none", async () => {
    const person = world.newPerson();
    const inputs = { type: "object", properties: { n: { type: "number" } }, required: ["n"] };
    const { key } = await world.publish(person, definition([act("one")], { inputs }));
    const start =
      "mutation ($key: String!, $input: JSON, $k: String) { startWorkflow(key: $key, input: $input, idempotencyKey: $k) { id } }";
    const begin = (input: object) => world.graph.ask(person, start, { key, input, k: "once" });
    expect((await begin({ n: "no" })).errors?.[0]?.extensions.code).toBe("INPUT_INVALID");
    const [first, second] = [await begin({ n: 1 }), await begin({ n: 1 })];
    expect(first.data.startWorkflow.id).toBe(second.data.startWorkflow.id);
    await world.until(person, first.data.startWorkflow.id, "COMPLETED");
    expect(await world.done(person)).toEqual(["one"]);
  });

  test("who only reads starts nothing", async () => {
    const person = world.newPerson();
    const { key } = await world.publish(person, definition([act("one")]));
    const reader = { ...person, scopes: ["workflow:read"] };
    const start = "mutation ($key: String!) { startWorkflow(key: $key) { id } }";
    expect((await world.graph.ask(reader, start, { key })).errors?.[0]?.extensions.code).toBeDefined();
    expect((await world.graph.ask(person, start, { key })).errors).toBeUndefined();
  });
});

describe("time and events", () => {
  test("a wait ends when its time has come, however long it is", async () => {
    const person = world.newPerson();
    const wait = { id: "pause", type: "wait", wait: { seconds: "86400 * 30" }, next: "after" };
    const { id, state } = await world.run(person, definition([wait, act("after")]));
    expect(state).toBe("WAITING");
    world.graph.clock.advance({ days: 29 });
    await world.graph.settle();
    expect(await world.done(person)).toEqual([]);
    world.graph.clock.advance({ days: 1, seconds: 1 });
    await world.until(person, id, "COMPLETED");
    expect(await world.done(person)).toEqual(["after"]);
  });

  test("a wait for an event takes the one that fits, and gives up when it is told to", async () => {
    const person = world.newPerson();
    const wait = (more: object = {}) => ({
      ...{ id: "hear", type: "wait", next: "after", output: "$result.payload.name" },
      wait: { event: "shop.effect.done", where: "$event.payload.name = $input.name", ...more },
    });
    const after = act("after", { variables: { name: "'heard ' & $steps.hear" } });
    const { key } = await world.publish(person, definition([wait(), after]));
    const id = await world.start(person, key, { name: "second" });
    await world.until(person, id, "WAITING");
    const shopDo = "mutation ($n: String!) { shopDo(name: $n) { name } }";
    for (const n of ["first", "second"]) await world.graph.data(person, shopDo, { n });
    await world.until(person, id, "COMPLETED");
    expect(await world.done(person)).toEqual(["first", "second", "heard second"]);

    const late = await world.publish(person, definition([wait({ withinSeconds: 60 })].map(({ next: _, ...s }) => s)));
    const lateId = await world.start(person, late.key, { name: "never" });
    await world.until(person, lateId, "WAITING");
    world.graph.clock.advance({ minutes: 2 });
    expect(await world.until(person, lateId, "COMPLETED")).toMatchObject({ output: { hear: null } });
  });

  test("an execution that takes longer than agreed is late", async () => {
    const person = world.newPerson();
    const { id, late } = await world.run(person, { ...withTask, slaSeconds: 3600 });
    expect(late).toBe(false);
    world.graph.clock.advance({ hours: 2 });
    expect(await world.until(person, id, "WAITING")).toMatchObject({ late: true });
  });
});
