import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { noted, openWorld, processOf, type World } from "./harness/world.js";

let world: World;
const running: { close(): Promise<void> }[] = [];
const work: World["work"] = (...args) => {
  const subscription = world.work(...args);
  running.push(subscription);
  return subscription;
};

beforeAll(async () => {
  world = await openWorld();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((subscription) => subscription.close()));
});
afterAll(() => world.close());

test("steps run one after the other, once each, and the process returns its result", async () => {
  const definition = processOf("run-steps", async (process) => {
    const a = await noted(process, "a");
    const b = await noted(process, "b");
    return [a, b];
  });
  work([definition]);
  const { id, started } = await world.as().start(definition, { input: {} });
  expect(started).toBe(true);
  const ended = await world.reached(id, "COMPLETED");
  expect(ended.output).toEqual(["a done", "b done"]);
  expect(await world.effects(id)).toEqual(["a", "b"]);
  expect(await world.as().steps(id)).toMatchObject([
    { name: "a", kind: "STEP", status: "DONE", position: 1, attempts: 1, output: "a done", error: null },
    { name: "b", kind: "STEP", status: "DONE", position: 2, attempts: 1, output: "b done", error: null },
  ]);
});

test("when a step fails for good, what was done is undone in reverse order", async () => {
  const definition = processOf("fail-late", async (process) => {
    await noted(process, "a");
    await noted(process, "b");
    await noted(process, "c", () => {
      throw new Error("no more paper");
    });
  });
  work([definition]);
  const { id } = await world.as().start(definition, { input: {} });
  const ended = await world.reached(id, "UNDONE");
  expect(ended.error).toMatchObject({ code: "STEP_FAILED", message: "no more paper", step: "c" });
  expect(await world.effects(id)).toEqual(["a", "b", "-b", "-a"]);
  expect((await world.as().steps(id)).map(({ name, status, attempts }) => [name, status, attempts])).toEqual([
    ["a", "UNDONE", 1],
    ["b", "UNDONE", 1],
    ["c", "FAILED", 2],
  ]);
});
