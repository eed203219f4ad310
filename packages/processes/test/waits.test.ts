import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { EventEnvelope } from "@tessera/shared-types";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { defineProcess } from "../src/index.js";
import { type Context, noted, openWorld, paid, processOf, tenantA, tenantB, type World } from "./harness/world.js";

let world: World;
let offsetMs = 0;
const start = async (definition: ReturnType<typeof processOf>) =>
  (await world.as().start(definition, { input: {} })).id;
const hears = [paid];
/** Events so far are on the bus and heard. */
const settled = async () => {
  await world.events.idle();
  await world.processes.idle();
};

beforeAll(async () => {
  world = await openWorld({ clock: () => new Date(Date.now() + offsetMs) });
  world.events.startRelay();
});
afterEach(async () => {
  await world.rest();
  offsetMs = 0;
});
afterAll(() => world.close());

test("a sleep lasts as long as was said when it began, also when its worker is another one after a restart", async () => {
  const definition = processOf("sleep-over", async (process) => {
    await noted(process, "before");
    await process.sleep("three days", { milliseconds: 3 * 86_400_000 });
    await noted(process, "after");
  });
  const first = world.work([definition]);
  const id = await start(definition);
  const waiting = await world.reached(id, "WAITING");
  await first.close();
  const days = ((waiting.dueAt?.getTime() ?? 0) - waiting.startedAt.getTime()) / 86_400_000;
  expect(days).toBeCloseTo(3, 3);
  offsetMs = 4 * 86_400_000;
  const second = world.another();
  second.startWorker("ledger", [definition], world.run);
  await world.reached(id, "COMPLETED");
  await second.close();
  expect(await world.effects(id)).toEqual(["before", "after"]);
});

test("a sleep until a moment that has passed is over at once", async () => {
  const definition = processOf("sleep-not", async (process) => process.sleep("past", { until: new Date(0) }));
  world.work([definition]);
  await world.reached(await start(definition), "COMPLETED");
});

test("an event that comes while it is waited for, and one that came before, are both given; each once, oldest first", async () => {
  const definition = processOf(
    "wait-twice",
    async (process) => {
      await process.waitForAnswer("go on", { schema: z.boolean() });
      const amounts: unknown[] = [];
      for (const n of [1, 2, 3]) {
        const event = await process.waitForEvent(`payment ${n}`, paid, { aggregateId: "invoice-1" });
        amounts.push(event?.payload.amount);
      }
      return amounts;
    },
    { hears },
  );
  world.work([definition]);
  const id = await start(definition);
  await world.publish("invoice-1", 10);
  await world.publish("invoice-2", 99);
  await world.publish("invoice-1", 20);
  await settled();
  await world.as().answer(id, "go on", true);
  await settled();
  expect((await world.as().find(id))?.state).toBe("WAITING");
  await world.publish("invoice-1", 30);
  expect((await world.reached(id, "COMPLETED")).output).toEqual([10, 20, 30]);
});

test("events from before the start, of another tenant, of another version and the one that led to the start do not count", async () => {
  const definition = processOf(
    "wait-for-own",
    async (process) => (await process.waitForEvent("payment", paid))?.payload.amount,
    { hears },
  );
  world.work([definition]);
  await world.publish("invoice", 1);
  await settled();
  await sleep(5);
  const cause = randomUUID();
  const scope = { module: "ledger", tenantId: tenantA, actorId: null, correlationId: "test", causationId: cause };
  const { id } = await world.processes.of(scope).start(definition, { input: {} });
  await world.publish("invoice", 2, tenantB);
  await world.deliver(envelope({ id: cause, payload: { amount: 3 } }));
  await world.deliver(envelope({ version: 2, payload: { amount: 4 } }));
  await world.deliver(envelope({ payload: { amount: "five" } }));
  await settled();
  expect((await world.as().find(id))?.state).toBe("WAITING");
  await world.publish("invoice", 6);
  expect((await world.reached(id, "COMPLETED")).output).toBe(6);
});

const envelope = (changes: Partial<EventEnvelope>): EventEnvelope => ({
  ...{ id: randomUUID(), type: paid.type, version: 1, tenantId: tenantA, aggregateId: "invoice", source: "mail-room" },
  ...{ occurredAt: new Date().toISOString(), actorId: null, correlationId: "test", causationId: null },
  payload: {},
  ...changes,
});

test("a condition chooses among the events; one event ends one wait of each process that waits", async () => {
  const definition = processOf(
    "wait-for-much",
    async (process) => {
      const wait = (name: string) => process.waitForEvent(name, paid, { where: ({ payload }) => payload.amount > 100 });
      const { a, b } = await process.parallel({ a: () => wait("a"), b: () => wait("b") });
      return [a?.payload.amount, b?.payload.amount].sort();
    },
    { hears },
  );
  world.work([definition]);
  const ids = [await start(definition), await start(definition)];
  await Promise.all(ids.map((id) => world.reached(id, "WAITING")));
  for (const amount of [7, 101, 8, 102]) await world.publish("invoice", amount);
  for (const id of ids) expect((await world.reached(id, "COMPLETED")).output).toEqual([101, 102]);
});

test("an event that comes twice counts once", async () => {
  const definition = processOf(
    "count-once",
    async (process) => {
      const first = await process.waitForEvent("first", paid);
      const deadline = new Date(process.startedAt.getTime() + 86_400_000);
      const second = await process.waitForEvent("second", paid, { deadline });
      return [first?.payload.amount, second];
    },
    { hears },
  );
  world.work([definition]);
  const id = await start(definition);
  const event = envelope({ payload: { amount: 1 } });
  await world.deliver(event);
  await world.deliver(event);
  await settled();
  offsetMs = 2 * 86_400_000;
  await settled();
  expect((await world.reached(id, "COMPLETED")).output).toEqual([1, null]);
});

test("when the deadline passes the process gets null, and what comes later does not count", async () => {
  const definition = processOf(
    "wait-until",
    async (process) => {
      const deadline = new Date(process.startedAt.getTime() + 3_600_000);
      return process.parallel({
        event: () => process.waitForEvent("payment", paid, { deadline }),
        answer: () => process.waitForAnswer("approve", { schema: z.string(), deadline }),
      });
    },
    { hears },
  );
  world.work([definition]);
  const id = await start(definition);
  await world.reached(id, "WAITING");
  offsetMs = 7_200_000;
  expect((await world.reached(id, "COMPLETED")).output).toEqual({ event: null, answer: null });
  await expect(world.as().answer(id, "approve", "yes")).rejects.toMatchObject({ code: "PROCESS_NOT_WAITING" });
});

test("an answer counts once, may come before it is asked, and must fit the schema", async () => {
  const schema = z.object({ approved: z.boolean(), by: z.string().min(1) });
  const definition = processOf("ask-person", async (process) => {
    await process.sleep("first think", { milliseconds: 3_600_000 });
    const early = await process.waitForAnswer("early", { schema: z.number() });
    return [early, await process.waitForAnswer("approve", { schema })];
  });
  world.work([definition]);
  const id = await start(definition);
  await world.reached(id, "WAITING");
  await world.as().answer(id, "early", 7);
  await expect(world.as().answer(id, "early", 8)).rejects.toMatchObject({ code: "PROCESS_ANSWERED" });
  offsetMs = 7_200_000;
  await until(async () => (await world.as().steps(id)).some(({ name }) => name === "approve"));
  const answer = (value: unknown) => world.as().answer(id, "approve", value);
  await expect(answer({ approved: "yes", by: "Ada" })).rejects.toMatchObject({ code: "PROCESS_ANSWER_INVALID" });
  await answer({ approved: true, by: "Ada" });
  await expect(answer({ approved: false, by: "Eve" })).rejects.toMatchObject({
    code: expect.stringMatching(/ANSWERED|NOT_WAITING/),
  });
  expect((await world.reached(id, "COMPLETED")).output).toEqual([7, { approved: true, by: "Ada" }]);
  await expect(world.as().answer("nobody", "approve", 1)).rejects.toMatchObject({ code: "PROCESS_NOT_FOUND" });
});

test("an early answer that does not fit is refused when it is asked for, and another one may be given", async () => {
  const definition = processOf("ask-early", async (process) => {
    await process.sleep("think", { milliseconds: 3_600_000 });
    return process.waitForAnswer("number", { schema: z.number() });
  });
  world.work([definition]);
  const id = await start(definition);
  await world.reached(id, "WAITING");
  await world.as().answer(id, "number", "seven");
  offsetMs = 7_200_000;
  await until(async () => (await world.as().steps(id)).some(({ error }) => error?.code === "PROCESS_ANSWER_INVALID"));
  await world.as().answer(id, "number", 7);
  expect((await world.reached(id, "COMPLETED")).output).toBe(7);
});

test("what is heard may come from the input; waiting for something that is not heard sticks and says so", async () => {
  const definition = defineProcess<Context, { types: string[] }, number | undefined>({
    name: "hear-by-input",
    version: 1,
    input: z.object({ types: z.array(z.string()) }),
    hears: ({ types }) => types,
    run: async (process) => (await process.waitForEvent("payment", paid))?.payload.amount,
  });
  world.work([definition]);
  const begin = async (types: string[]) => (await world.as().start(definition, { input: { types } })).id;
  const [one, all, deaf] = [await begin([paid.type]), await begin(["*"]), await begin(["other.type"])];
  await Promise.all([world.reached(one, "WAITING"), world.reached(all, "WAITING")]);
  await world.publish("invoice", 5);
  expect((await world.reached(one, "COMPLETED")).output).toBe(5);
  expect((await world.reached(all, "COMPLETED")).output).toBe(5);
  expect((await world.reached(deaf, "STUCK")).error).toMatchObject({ code: "PROCESS_EVENT_NOT_HEARD" });
});

test("events are kept only while a process that hears them is unfinished", async () => {
  const { Housekeeping } = await import("../src/housekeeping.js");
  await world.database
    .admin`update kernel.process set state = 'CANCELLED', finished_at = now(), due_at = null where finished_at is null`;
  const definition = processOf("wait-long", async (process) => process.waitForAnswer("never", { schema: z.null() }), {
    hears,
  });
  world.work([definition]);
  const id = await start(definition);
  await world.publish("invoice", 1);
  await settled();
  const kept = async () =>
    (await world.database.admin`select from kernel.process_event where tenant_id = ${tenantA}`).count;
  const { Registry } = await import("../src/registry.js");
  const parts = { sql: world.database.admin, worker: randomUUID(), registry: new Registry(), now: () => new Date() };
  const housekeeping = new Housekeeping({ ...parts, versionGraceMs: 1000, retentionMs: 86_400_000, changed: () => {} });
  await housekeeping.cleanUp();
  expect(await kept()).toBe(1);
  await world.as().cancel(id, { undo: false });
  await housekeeping.cleanUp();
  expect(await kept()).toBe(0);
  await world.publish("invoice", 2);
  await settled();
  expect(await kept()).toBe(0);
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1000 && !(await holds()); tries++) await sleep(10);
}
