import { setTimeout as sleep } from "node:timers/promises";
import { gate } from "@tessera/database/testing";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import type { Process } from "../src/index.js";
import { type Context, noted, openWorld, processOf, type World } from "./harness/world.js";

let world: World;
type Run = (process: Process<Context>) => Promise<unknown>;
const ask = (process: Process<Context>, name = "go on") => process.waitForAnswer(name, { schema: z.boolean() });

beforeAll(async () => {
  world = await openWorld({ versionGraceMs: 2000, graceMs: 1500 });
});
afterEach(() => world.rest());
afterAll(() => world.close());

test("versions run side by side, and an instance stays with the one it began with", async () => {
  const version = (number: number) =>
    processOf(
      "grow",
      async (process) => {
        await ask(process);
        return noted(process, `v${number}`);
      },
      { version: number },
    );
  const [v1, v2] = [version(1), version(2)];
  const old = world.work([v1]);
  const first = await world.as().start(v1, { input: {} });
  await world.reached(first.id, "WAITING");
  await old.close();
  world.work([v1, v2]);
  const second = await world.as().start(v2, { input: {} });
  for (const { id } of [first, second]) await world.as().answer(id, "go on", true);
  expect((await world.reached(first.id, "COMPLETED")).output).toBe("v1 done");
  expect((await world.reached(second.id, "COMPLETED")).output).toBe("v2 done");
});

test("a version that nobody runs any more sticks with a reason, and goes on when it is back", async () => {
  const definition = processOf("vanish", async (process) => {
    await ask(process);
    return "back";
  });
  const before = world.work([definition]);
  const { id } = await world.as().start(definition, { input: {} });
  await world.reached(id, "WAITING");
  await before.close();
  const other = processOf("other", async () => {});
  world.work([other]);
  await world.as().answer(id, "go on", true);
  const { Housekeeping } = await import("../src/housekeeping.js");
  const { Registry } = await import("../src/registry.js");
  const registry = new Registry();
  registry.add("ledger", [other], async () => {});
  const parts = {
    sql: world.database.admin,
    worker: "00000000-0000-4000-8000-0000000000ff",
    registry,
    changed: () => {},
  };
  const sweep = async (graceMs: number) => {
    const housekeeping = new Housekeeping({
      ...parts,
      now: () => new Date(),
      versionGraceMs: graceMs,
      retentionMs: 1e9,
    });
    await housekeeping.sweep();
  };
  await sweep(60_000);
  expect((await world.as().find(id))?.state).not.toBe("STUCK");
  await sleep(2500);
  await sweep(2000);
  expect((await world.reached(id, "STUCK")).error).toMatchObject({ code: "PROCESS_VERSION_GONE" });
  world.work([definition]);
  await world.as().retry(id);
  expect((await world.reached(id, "COMPLETED")).output).toBe("back");
});

async function changedCode(before: Run, after: Run) {
  const name = `change-${crypto.randomUUID()}`;
  const old = world.work([processOf(name, before)]);
  const { id } = await world.as().start(processOf(name, before), { input: {} });
  await world.reached(id, "WAITING");
  await old.close();
  world.work([processOf(name, after)]);
  await world.as().answer(id, "go on", true);
  return world.reached(id, "STUCK", "COMPLETED", "UNDONE");
}

test("code that does not fit its journal any more sticks and names the step; the same code goes on", async () => {
  const original: Run = async (process) => {
    await noted(process, "a");
    await noted(process, "b");
    await ask(process);
    await noted(process, "c");
  };
  expect((await changedCode(original, original)).state).toBe("COMPLETED");
  const renamed = await changedCode(original, async (process) => {
    await noted(process, "a");
    await noted(process, "b2");
    await ask(process);
  });
  expect(renamed).toMatchObject({ state: "STUCK", error: { code: "PROCESS_NOT_DETERMINISTIC" } });
  expect(renamed.error?.message).toMatch(/"b2".*"b"/);
  const left = await changedCode(original, async (process) => {
    await noted(process, "a");
  });
  expect(left.error?.message).toMatch(/ended without it.*"b"/);
  const otherKind = await changedCode(original, async (process) => {
    await noted(process, "a");
    await process.sleep("b", { milliseconds: 1 });
  });
  expect(otherKind.error?.message).toMatch(/STEP.*SLEEP.*"b"/);
  const otherWait = await changedCode(original, async (process) => {
    await noted(process, "a");
    await noted(process, "b");
    await ask(process, "something else");
  });
  expect(otherWait.error?.message).toMatch(/"something else".*"go on"/);
  const asBefore = [renamed, left, otherKind, otherWait].map(({ id }) => world.effects(id));
  for (const effects of await Promise.all(asBefore)) expect(effects).toEqual(["a", "b"]);
});

test("a step added after everything in the journal does no harm", async () => {
  const before: Run = async (process) => {
    await noted(process, "a");
    await ask(process);
  };
  const after: Run = async (process) => {
    await before(process);
    await noted(process, "new");
  };
  const { id, state } = await changedCode(before, after);
  expect(state).toBe("COMPLETED");
  expect(await world.effects(id)).toEqual(["a", "new"]);
});

test("branches that race take the same turns after a replay", async () => {
  const seen: string[] = [];
  const definition = processOf("race", async (process) => {
    const { opened, open } = gate();
    const slow = noted(process, "slow", () => opened);
    const quick = noted(process, "quick");
    const winner = await Promise.race([slow, quick]);
    open();
    seen.push(winner);
    await noted(process, `after ${winner}`);
    await slow;
    await ask(process);
    return winner;
  });
  world.work([definition]);
  const { id } = await world.as().start(definition, { input: {} });
  await world.reached(id, "WAITING");
  await world.as().answer(id, "go on", true);
  expect((await world.reached(id, "COMPLETED")).output).toBe("quick done");
  expect(new Set(seen)).toEqual(new Set(["quick done"]));
  expect(seen.length).toBeGreaterThan(1);
});

test("code that does something of its own beside a wait is slow, but neither lost nor taken for another", async () => {
  const definition = processOf("dawdle", async (process) => {
    await process.parallel({
      waits: () => ask(process),
      dawdles: async () => {
        for (const name of ["a", "b", "c"]) {
          await sleep(40);
          await noted(process, name);
        }
      },
    });
  });
  world.work([definition]);
  const { id } = await world.as().start(definition, { input: {} });
  for (let tries = 0; tries < 1000 && (await world.effects(id)).length < 3; tries++) await sleep(10);
  expect(await world.effects(id)).toEqual(["a", "b", "c"]);
  await world.as().answer(id, "go on", true);
  await world.reached(id, "COMPLETED");
});
