import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { noted, openWorld, processOf, type World } from "./harness/world.js";

let world: World;
let offsetMs = 0;
const start = async (definition: ReturnType<typeof processOf>) =>
  (await world.as().start(definition, { input: {} })).id;
const fail = (message: string) => () => {
  throw new Error(message);
};

beforeAll(async () => {
  world = await openWorld({ clock: () => new Date(Date.now() + offsetMs) });
});
afterEach(async () => {
  await world.rest();
  offsetMs = 0;
});
afterAll(() => world.close());

test("when a step fails for good, what was done is undone in reverse order", async () => {
  const definition = processOf("fail-late", async (process) => {
    await noted(process, "a");
    await noted(process, "b");
    await noted(process, "c", fail("no more paper"));
  });
  world.work([definition]);
  const id = await start(definition);
  const ended = await world.reached(id, "UNDONE");
  expect(ended.error).toMatchObject({ code: "STEP_FAILED", message: "no more paper", step: "c" });
  expect(await world.effects(id)).toEqual(["a", "b", "-b", "-a"]);
  expect((await world.as().steps(id)).map(({ name, status, attempts }) => [name, status, attempts])).toEqual([
    ["a", "UNDONE", 1],
    ["b", "UNDONE", 1],
    ["c", "FAILED", 2],
  ]);
});

test("parallel branches are undone in the reverse order in which they ended, and all end before the failure counts", async () => {
  const definition = processOf("branch-out", async (process) => {
    await noted(process, "first");
    await process.parallel({
      slow: async () => {
        await noted(process, "slow", () => sleep(150));
        await noted(process, "slow 2");
      },
      quick: () => noted(process, "quick"),
      broken: () => noted(process, "broken", fail("broken")),
    });
  });
  world.work([definition]);
  const id = await start(definition);
  expect((await world.reached(id, "UNDONE")).error).toMatchObject({ step: "broken", message: "broken" });
  expect((await world.effects(id)).slice(4)).toEqual(["-slow 2", "-slow", "-quick", "-first"]);
});

test("parallel branches give their results by name", async () => {
  const definition = processOf("gather", async (process) =>
    process.parallel({
      a: () => noted(process, "a"),
      b: async () => 2,
      c: () => process.sleep("c", { milliseconds: 1 }),
    }),
  );
  world.work([definition]);
  expect((await world.reached(await start(definition), "COMPLETED")).output).toEqual({ a: "a done", b: 2 });
});

test("a step without undo and a failed step stay as they are; the undo gets the result of its step", async () => {
  const definition = processOf("undo-some", async (process) => {
    await process.step("number", { do: () => 42, undo: (context, result) => context.effect(`took ${result} back`) });
    await process.step("for good", { do: ({ effect }) => effect("for good") });
    throw Object.assign(new Error("changed my mind"), { code: "MIND_CHANGED" });
  });
  world.work([definition]);
  const id = await start(definition);
  expect((await world.reached(id, "UNDONE")).error).toMatchObject({ code: "MIND_CHANGED", message: "changed my mind" });
  expect(await world.effects(id)).toEqual(["for good", "took 42 back"]);
});

test("an undo that fails is tried again; for good, the process is stuck, and a retry goes on with that undo", async () => {
  let broken = true;
  const definition = processOf("stick-in-undo", async (process) => {
    await noted(process, "a");
    await process.step("b", {
      do: ({ effect }) => effect("b"),
      undo: async ({ effect }) => {
        await effect("-b");
        if (broken) throw Object.assign(new Error("cannot be taken back"), { code: "SENT" });
      },
      undoAttempts: 3,
    });
    throw new Error("no");
  });
  world.work([definition]);
  const id = await start(definition);
  const stuck = await world.reached(id, "STUCK");
  expect(stuck.error).toMatchObject({ code: "SENT", step: "b", cause: { message: "no" } });
  expect(await world.effects(id)).toEqual(["a", "b"]);
  expect(await world.as().steps(id)).toMatchObject([
    { name: "a", status: "DONE" },
    { name: "b", status: "UNDO_FAILED", undoAttempts: 3 },
  ]);
  broken = false;
  await world.as().retry(id);
  await world.reached(id, "UNDONE");
  expect(await world.effects(id)).toEqual(["a", "b", "-b", "-a"]);
});

test("cancelled with undo it ends undone, cancelled without it stays as it is; both say so", async () => {
  const definition = processOf("cancel-me", async (process) => {
    await noted(process, "a");
    await process.sleep("long", { milliseconds: 3_600_000 });
  });
  world.work([definition]);
  const [taken, left] = [await start(definition), await start(definition)];
  await Promise.all([world.reached(taken, "WAITING"), world.reached(left, "WAITING")]);
  await world.as().cancel(taken, { undo: true });
  await world.as().cancel(left, { undo: false });
  expect((await world.reached(taken, "UNDONE")).error?.code).toBe("PROCESS_CANCELLED");
  expect((await world.reached(left, "CANCELLED")).error?.code).toBe("PROCESS_CANCELLED");
  expect(await world.effects(taken)).toEqual(["a", "-a"]);
  expect(await world.effects(left)).toEqual(["a"]);
  await expect(world.as().cancel(left, { undo: true })).rejects.toMatchObject({ code: "PROCESS_STATE" });
  await expect(world.as().cancel("nobody", { undo: true })).rejects.toMatchObject({ code: "PROCESS_NOT_FOUND" });
});

test("cancelled in the middle of a step, that step ends and is undone with the others", async () => {
  let entered = () => {};
  const inside = new Promise<void>((resolve) => {
    entered = resolve;
  });
  const definition = processOf("cancel-inside", async (process) => {
    await noted(process, "a");
    await noted(process, "b", async () => {
      entered();
      await sleep(200);
    });
    await noted(process, "c");
  });
  world.work([definition]);
  const id = await start(definition);
  await inside;
  await world.as().cancel(id, { undo: true });
  await world.reached(id, "UNDONE");
  expect(await world.effects(id)).toEqual(["a", "b", "-b", "-a"]);
});

test("cancelled with undo in its last step, it is undone and not completed", async () => {
  let entered = () => {};
  const inside = new Promise<void>((resolve) => {
    entered = resolve;
  });
  const definition = processOf("cancel-late", async (process) => {
    await noted(process, "a", async () => {
      entered();
      await sleep(200);
    });
  });
  world.work([definition]);
  const id = await start(definition);
  await inside;
  await world.as().cancel(id, { undo: true });
  await world.reached(id, "UNDONE", "COMPLETED");
  expect(await world.effects(id)).toEqual(["a", "-a"]);
});

test("paused it does nothing, not even when its time comes; resumed it goes on", async () => {
  const definition = processOf("pause-me", async (process) => {
    await noted(process, "a");
    await process.sleep("an hour", { milliseconds: 3_600_000 });
    await noted(process, "b");
  });
  world.work([definition]);
  const id = await start(definition);
  await world.reached(id, "WAITING");
  await world.as().pause(id);
  offsetMs = 7_200_000;
  await sleep(500);
  await world.processes.idle();
  expect((await world.as().find(id))?.state).toBe("PAUSED");
  expect(await world.effects(id)).toEqual(["a"]);
  await world.as().resume(id);
  await world.reached(id, "COMPLETED");
  expect(await world.effects(id)).toEqual(["a", "b"]);
  await expect(world.as().resume(id)).rejects.toMatchObject({ code: "PROCESS_STATE" });
  await expect(world.as().pause(id)).rejects.toMatchObject({ code: "PROCESS_STATE" });
});

test("a process that stops at a failure keeps what is done; a retry tries the failed step again", async () => {
  let broken = true;
  const definition = processOf(
    "stop-here",
    async (process) => {
      await noted(process, "a");
      return process.parallel({
        b: () => noted(process, "b", () => broken && fail("broken")()),
        c: () => noted(process, "c", () => sleep(60)),
      });
    },
    { onFailure: "stop" },
  );
  world.work([definition]);
  const id = await start(definition);
  expect((await world.reached(id, "STUCK")).error).toMatchObject({ step: "b", message: "broken" });
  expect(await world.effects(id)).toEqual(["a", "c"]);
  broken = false;
  await world.as().retry(id);
  expect((await world.reached(id, "COMPLETED")).output).toEqual({ b: "b done", c: "c done" });
  expect(await world.effects(id)).toEqual(["a", "c", "b"]);
});

test("a retry from a step forgets that step and what ended after it, and runs forward from there", async () => {
  let broken = true;
  const definition = processOf(
    "go-back",
    async (process) => {
      for (const name of ["a", "b", "c"]) await noted(process, name);
      await noted(process, "d", () => broken && fail("broken")());
    },
    { onFailure: "stop" },
  );
  world.work([definition]);
  const id = await start(definition);
  await world.reached(id, "STUCK");
  await expect(world.as().retry(id, "z")).rejects.toMatchObject({ code: "PROCESS_STEP_UNKNOWN" });
  broken = false;
  await world.as().retry(id, "b");
  await world.reached(id, "COMPLETED");
  expect(await world.effects(id)).toEqual(["a", "b", "c", "b", "c", "d"]);
  await expect(world.as().retry(id)).rejects.toMatchObject({ code: "PROCESS_STATE" });
});

test("a retry from a step that comes after something undone is refused, one from before it is not", async () => {
  let broken = true;
  const definition = processOf("half-undone", async (process) => {
    await process.step("a", { do: ({ effect }) => effect("a"), undo: () => broken && fail("no")(), undoAttempts: 1 });
    await noted(process, "b");
    if (broken) throw new Error("no");
    await noted(process, "c");
  });
  world.work([definition]);
  const id = await start(definition);
  await world.reached(id, "STUCK");
  expect(await world.effects(id)).toEqual(["a", "b", "-b"]);
  broken = false;
  await expect(world.as().retry(id, "c")).rejects.toMatchObject({ code: "PROCESS_STEP_UNKNOWN" });
  await world.as().retry(id, "a");
  await world.reached(id, "COMPLETED");
  expect(await world.effects(id)).toEqual(["a", "b", "-b", "a", "b", "c"]);
});
