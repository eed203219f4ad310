import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { defineProcess, type StepFailed } from "../src/index.js";
import { type Context, noted, openWorld, processOf, tenantA, tenantB, type World } from "./harness/world.js";

let world: World;
let offsetMs = 0;
const start = async (definition: ReturnType<typeof processOf>) =>
  (await world.as().start(definition, { input: {} })).id;

beforeAll(async () => {
  const clock = () => new Date(Date.now() + offsetMs);
  world = await openWorld({ clock, limits: { steps: 6, valueBytes: 1000, unfinished: 40 } });
});
afterEach(async () => {
  await world.rest();
  offsetMs = 0;
});
afterAll(() => world.close());

test("steps run one after the other, once each, and the process returns its result", async () => {
  const definition = processOf("run-steps", async (process) => {
    const a = await noted(process, "a");
    const b = await noted(process, "b");
    return [a, b];
  });
  world.work([definition]);
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

test("a step that fails leaves no effect and is tried again with the same key until it succeeds", async () => {
  const keys: string[] = [];
  const definition = processOf("try-again", async (process) =>
    process.step("flaky", {
      attempts: 3,
      do: async ({ effect, step }) => {
        keys.push(step.idempotencyKey);
        await effect(`attempt ${step.attempt}`);
        if (step.attempt < 3) throw new Error("not yet");
      },
    }),
  );
  world.work([definition]);
  const id = await start(definition);
  await world.reached(id, "COMPLETED");
  expect(await world.effects(id)).toEqual(["attempt 3"]);
  expect(new Set(keys).size).toBe(1);
  expect(keys[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(await world.as().steps(id)).toMatchObject([{ attempts: 3, status: "DONE", error: null }]);
});

test("an error that will not go away is not tried again; what failed can be caught, and so it is after every replay", async () => {
  const definition = processOf("catch-failure", async (process) => {
    const first = process.step("broken", {
      retryIf: (error) => (error as { code: string }).code !== "PAPER_OUT",
      do: () => {
        throw Object.assign(new Error("no paper"), { code: "PAPER_OUT" });
      },
    });
    const caught = await first.catch(({ name, code, step }: StepFailed) => ({ name, code, step }));
    await process.sleep("a while", { milliseconds: 3_600_000 });
    return caught;
  });
  world.work([definition]);
  const id = await start(definition);
  await world.reached(id, "WAITING");
  offsetMs = 7_200_000;
  const { output } = await world.reached(id, "COMPLETED");
  expect(output).toEqual({ name: "StepFailed", code: "PAPER_OUT", step: "broken" });
  expect(await world.as().steps(id)).toMatchObject([{ attempts: 1, status: "FAILED" }, { name: "a while" }]);
});

test("a step that hangs is given up after its time, and what it wrote is rolled back", async () => {
  const definition = processOf("hang-around", async (process) =>
    process.step("slow", {
      timeoutMs: 2000,
      attempts: 2,
      do: async ({ effect, step }) => {
        await effect(`attempt ${step.attempt}`);
        if (step.attempt === 1) await new Promise(() => {});
      },
    }),
  );
  world.work([definition]);
  const id = await start(definition);
  await world.reached(id, "COMPLETED");
  expect(await world.effects(id)).toEqual(["attempt 2"]);
});

test("what a step publishes is published if and only if the step is in the journal", async () => {
  const definition = processOf("publish-things", async (process) => {
    await process.step("publish", {
      attempts: 2,
      do: async ({ publish, step }) => {
        publish(paidContract, "invoice", { amount: step.attempt });
        if (step.attempt === 1) throw new Error("not yet");
      },
    });
  });
  world.work([definition]);
  const id = await start(definition);
  await world.reached(id, "COMPLETED");
  const rows = await world.database.admin`select event from kernel.outbox`;
  expect(rows.map(({ event }) => (event as { payload: unknown }).payload)).toEqual([{ amount: 2 }]);
});
const paidContract = { type: "till.invoice.paid", version: 1, payload: z.object({ amount: z.number() }) };

test("a result is the same in the first run and after a replay: what JSON makes of it", async () => {
  const seen: unknown[] = [];
  const definition = processOf("give-dates", async (process) => {
    const result = await process.step("date", {
      do: () => ({ at: new Date(0), text: 'a "\u0000" b', none: undefined }),
    });
    seen.push(result);
    seen.push(await process.step("nothing", { do: () => {} }), await process.step("null", { do: () => null }));
    await process.sleep("a while", { milliseconds: 3_600_000 });
  });
  world.work([definition]);
  const id = await start(definition);
  await world.reached(id, "WAITING");
  offsetMs = 7_200_000;
  await world.reached(id, "COMPLETED");
  expect(seen.slice(0, 3)).toEqual([{ at: "1970-01-01T00:00:00.000Z", text: 'a "\u0000" b' }, undefined, null]);
  expect(seen.slice(3)).toEqual(seen.slice(0, 3));
});

test("starting the same id again finds the process; another input or name under that id is refused", async () => {
  const greet = defineProcess<Context, { name: string }, string>({
    name: "greet",
    version: 1,
    input: z.object({ name: z.string() }),
    run: async (process, { name }) => process.step("greet", { do: () => `Hello ${name}` }),
  });
  const other = processOf("other", async () => {});
  world.work([greet, other]);
  const options = { id: "greeting-1", input: { name: "Ada" } };
  const starts = await Promise.all([1, 2, 3, 4].map(() => world.as().start(greet, options)));
  expect(starts.filter(({ started }) => started)).toHaveLength(1);
  expect((await world.reached("greeting-1", "COMPLETED")).output).toBe("Hello Ada");
  const refused = { code: "PROCESS_ID_TAKEN" };
  await expect(world.as().start(greet, { ...options, input: { name: "Eve" } })).rejects.toMatchObject(refused);
  await expect(world.as().start(other, { id: "greeting-1", input: {} })).rejects.toMatchObject(refused);
  expect(await world.as(tenantB).start(greet, options)).toEqual({ id: "greeting-1", started: true });
});

test("an input that does not fit, and a process nobody runs, are refused", async () => {
  const strict = defineProcess<Context, { n: number }, void>({
    name: "strict",
    version: 1,
    input: z.object({ n: z.number() }),
    run: async () => {},
  });
  const input = { n: "one" as unknown as number };
  await expect(world.as().start(strict, { input: { n: 1 } })).rejects.toMatchObject({ code: "PROCESS_UNKNOWN" });
  world.work([strict]);
  await expect(world.as().start(strict, { input })).rejects.toMatchObject({ code: "PROCESS_INPUT_INVALID" });
  const longId = { id: "x".repeat(201), input: { n: 1 } };
  await expect(world.as().start(strict, longId)).rejects.toMatchObject({ code: "PROCESS_INPUT_INVALID" });
  await expect(world.as().start(strict, { input: { n: 1 } })).resolves.toMatchObject({ started: true });
  expect(() => world.work([strict])).toThrow(expect.objectContaining({ code: "PROCESS_DUPLICATE" }));
});

test("a start joins the caller's transaction: rolled back with it, run after its commit", async () => {
  const definition = processOf("join-in", async (process) => noted(process, "a"));
  world.work([definition]);
  const begin = (id: string, fails: boolean) =>
    world.database.forModule("ledger").transaction({ tenantId: tenantA }, async (db) => {
      const scope = {
        module: "ledger",
        tenantId: tenantA,
        actorId: null,
        correlationId: "test",
        causationId: null,
        db,
      };
      await world.processes.of(scope).start(definition, { id, input: {} });
      await db.execute(sql`select pg_sleep(0.05)`);
      if (fails) throw new Error("changed my mind");
    });
  await expect(begin("rolled-back", true)).rejects.toThrow("changed my mind");
  await begin("committed", false);
  await world.reached("committed", "COMPLETED");
  expect(await world.as().find("rolled-back")).toBeNull();
});

test("what is too large, too many or not unique is refused by a coded error, and what was done is undone", async () => {
  const result = (size: number) =>
    processOf(`return-${size}`, async (process) => {
      await noted(process, "a");
      return process.step("big", { attempts: 1, do: () => "x".repeat(size) });
    });
  const steps = (count: number) =>
    processOf(`step-${count}`, async (process) => {
      for (let n = 0; n < count; n++) await noted(process, `s${n}`);
    });
  const twice = processOf("name-twice", async (process) => {
    await noted(process, "a");
    await noted(process, "a");
  });
  const definitions = [result(900), result(1100), steps(6), steps(7), twice];
  world.work(definitions);
  const ends = await Promise.all(
    definitions.map(async (definition) => world.reached(await start(definition), "COMPLETED", "UNDONE")),
  );
  expect(ends.map(({ name, state, error }) => [name, state, error?.code ?? null])).toEqual([
    ["return-900", "COMPLETED", null],
    ["return-1100", "UNDONE", "PROCESS_VALUE_TOO_LARGE"],
    ["step-6", "COMPLETED", null],
    ["step-7", "UNDONE", "PROCESS_TOO_MANY_STEPS"],
    ["name-twice", "UNDONE", "PROCESS_STEP_DUPLICATE"],
  ]);
  expect(await world.effects(ends[1]?.id)).toEqual(["a", "-a"]);
  await expect(world.as().start(twice, { input: { x: "y".repeat(1100) } as never })).resolves.toMatchObject({
    started: true,
  });
});

test("a step without a name and a time that is none are refused in the process, which undoes what is done", async () => {
  const misused = (name: string, misuse: Parameters<typeof processOf>[1]) =>
    processOf(name, async (process) => {
      await noted(process, "a");
      await misuse(process);
    });
  const definitions = [
    misused("no-name", async (process) => noted(process, "")),
    misused("no-time", async (process) => process.sleep("sleep", { until: "tomorrow" })),
  ];
  world.work(definitions);
  for (const [index, code] of ["PROCESS_STEP_NAME_INVALID", "PROCESS_TIME_INVALID"].entries()) {
    const id = await start(definitions[index] as never);
    expect((await world.reached(id, "UNDONE")).error).toMatchObject({ code });
    expect(await world.effects(id)).toEqual(["a", "-a"]);
  }
});

test("more branches than connections write their entries without waiting for each other for ever", async () => {
  const names = Array.from({ length: 25 }, (_, index) => `branch ${index}`);
  const definition = processOf("branch-widely", async (process) => {
    const branch = (name: string, index: number) =>
      index % 2 === 0
        ? () => process.step(name, { do: () => index })
        : () => process.sleep(name, { milliseconds: index });
    await process.parallel(Object.fromEntries(names.map((name, index) => [name, branch(name, index)])));
  });
  const wide = await openWorld();
  wide.work([definition]);
  const starts = Array.from({ length: 8 }, () => wide.as().start(definition, { input: {} }));
  const began = Date.now();
  await Promise.all((await Promise.all(starts)).map(({ id }) => wide.reached(id, "COMPLETED")));
  expect(Date.now() - began).toBeLessThan(20_000);
  await wide.close();
});

test("a tenant has so many unfinished processes and no more, another tenant is not concerned", async () => {
  const sleeper = processOf("sleep-long", async (process) => process.sleep("night", { milliseconds: 3_600_000 }));
  world.work([sleeper]);
  const crowded = world.as(randomUUID());
  const one = () => crowded.start(sleeper, { input: {} });
  const [first] = await Promise.all(Array.from({ length: 40 }, one));
  await expect(one()).rejects.toMatchObject({ code: "PROCESS_TOO_MANY" });
  await expect(world.as(tenantB).start(sleeper, { input: {} })).resolves.toMatchObject({ started: true });
  const id = first?.id ?? "";
  await crowded.cancel(id, { undo: false });
  await expect.poll(async () => (await crowded.find(id))?.state).toBe("CANCELLED");
  await expect(one()).resolves.toMatchObject({ started: true });
});
