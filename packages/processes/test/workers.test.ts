import { setTimeout as sleep } from "node:timers/promises";
import { gate } from "@tessera/database/testing";
import { platformEvents } from "@tessera/shared-types";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import type { AnyProcess, Processes } from "../src/index.js";
import { type Context, noted, openWorld, processOf, tenantA, tenantB, type World } from "./harness/world.js";

let world: World;
const engines: Processes[] = [];
beforeAll(async () => {
  world = await openWorld({ atOnce: 0 });
});
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
});
afterAll(() => world.close());

function engine(definitions: readonly AnyProcess<Context>[], options: Parameters<World["another"]>[0] = {}): Processes {
  const opened = world.another({ atOnce: 4, ...options });
  opened.startWorker("ledger", definitions, world.run);
  engines.push(opened);
  return opened;
}
const as = (processes: Processes | undefined, tenantId = tenantA) => {
  if (!processes) throw new Error("There is no engine.");
  return processes.of({ module: "ledger", tenantId, actorId: null, correlationId: "test", causationId: null });
};

test("several workers share the work, and no process runs in two of them at once", async () => {
  const inside = new Map<string, number>();
  const by = new Set<number>();
  let most = 0;
  const definition = (worker: number) =>
    processOf("share", async (process) => {
      for (const name of ["a", "b", "c"]) {
        await noted(process, name, async () => {
          const now = (inside.get(process.id) ?? 0) + 1;
          inside.set(process.id, now);
          most = Math.max(most, now);
          by.add(worker);
          await sleep(5);
          inside.set(process.id, now - 1);
        });
        await process.sleep(`after ${name}`, { milliseconds: 1 });
      }
    });
  const opened = [1, 2, 3].map((worker) => engine([definition(worker)]));
  const starts = Array.from({ length: 30 }, () => as(opened[0]).start(definition(1), { input: {} }));
  const ids = (await Promise.all(starts)).map(({ id }) => id);
  await Promise.all(ids.map((id) => world.reached(id, "COMPLETED")));
  for (const id of ids) expect(await world.effects(id)).toEqual(["a", "b", "c"]);
  expect(most).toBe(1);
  expect(by.size).toBe(3);
});

test("a worker that lost its claim cannot commit; the one that took over does the step once", async () => {
  const [first, held] = [gate(), gate()];
  const slow = processOf("lose-claim", async (process) =>
    noted(process, "a", async () => {
      first.open();
      await held.opened;
    }),
  );
  const quick = processOf("lose-claim", async (process) => noted(process, "a"));
  const [one] = [engine([slow], { leaseMs: 60_000 })];
  const { id } = await as(one).start(slow, { input: {} });
  await first.opened;
  // As if the first worker had not been heard of for longer than its lease.
  await world.database.admin`update kernel.process set lease_until = now() - interval '1 second' where id = ${id}`;
  engine([quick]);
  await world.reached(id, "COMPLETED");
  held.open();
  await sleep(100);
  expect(await world.effects(id)).toEqual(["a"]);
  expect((await world.as().find(id))?.output).toBe("a done");
});

test("a worker that is busy for longer than a lease keeps its processes", async () => {
  const definition = processOf("take-long", async (process) => noted(process, "a", () => sleep(900)));
  const [one] = [engine([definition], { leaseMs: 300 }), engine([definition], { leaseMs: 300 })];
  const { id } = await as(one).start(definition, { input: {} });
  await world.reached(id, "COMPLETED");
  expect(await world.effects(id)).toEqual(["a"]);
  expect(await as(one).steps(id)).toMatchObject([{ attempts: 1 }]);
});

test("a worker that closes lets its steps end and gives its processes back at once", async () => {
  const [inside, held] = [gate(), gate()];
  const definition = processOf("hand-over", async (process) => {
    await noted(process, "a", () => {
      inside.open();
      return held.opened;
    });
    return noted(process, "b");
  });
  // Not given back, it would be nobody's for longer than this test waits.
  const [one] = [engine([definition], { leaseMs: 60_000 })];
  const { id } = await as(one).start(definition, { input: {} });
  await inside.opened;
  const closing = engines.splice(0)[0]?.close();
  held.open();
  await closing;
  expect((await world.as().find(id))?.state).not.toBe("COMPLETED");
  expect(await world.effects(id)).toEqual(["a"]);
  engine([definition]);
  await world.reached(id, "COMPLETED");
  expect(await world.effects(id)).toEqual(["a", "b"]);
});

test("a tenant with a long queue does not keep another one waiting", async () => {
  const order: string[] = [];
  const definition = processOf("queue-up", async (process) =>
    noted(process, "a", async () => {
      order.push(process.tenantId);
      await sleep(10);
    }),
  );
  const idle = world.another({ atOnce: 0 });
  const starter = idle.startWorker("ledger", [definition], world.run);
  for (let n = 0; n < 60; n++) await as(idle).start(definition, { input: {} });
  for (let n = 0; n < 3; n++) await as(idle, tenantB).start(definition, { input: {} });
  await starter.close();
  engine([definition], { atOnce: 2 });
  for (let tries = 0; tries < 1000 && order.length < 63; tries++) await sleep(20);
  const turns = order.flatMap((tenantId, turn) => (tenantId === tenantB ? [turn] : []));
  expect(turns).toHaveLength(3);
  expect(Math.max(...turns)).toBeLessThan(12);
});

test("every change is announced live with the process's id, name and state", async () => {
  const definition = processOf("be-watched", async (process) => {
    await noted(process, "a");
    await process.waitForAnswer("go on", { schema: z.boolean() });
  });
  const [one] = [engine([definition])];
  const controller = new AbortController();
  const live = world.events.live(platformEvents.processChanged, { tenantId: tenantA, signal: controller.signal });
  const other = world.events.live(platformEvents.processChanged, { tenantId: tenantB, signal: controller.signal });
  const foreign: unknown[] = [];
  void (async () => {
    for await (const event of other) foreign.push(event);
  })();
  const { id } = await as(one).start(definition, { input: {} });
  await world.reached(id, "WAITING");
  await as(one).answer(id, "go on", true);
  const seen: string[] = [];
  for await (const { aggregateId, payload } of live) {
    // Those of tests before this one may still be on their way.
    if (aggregateId !== id) continue;
    expect([payload.name, payload.module]).toEqual(["be-watched", "ledger"]);
    seen.push(payload.step ? `${payload.step.name} ${payload.step.status}` : payload.state);
    if (payload.state === "COMPLETED") break;
  }
  controller.abort();
  expect(seen).toEqual(["a DONE", "go on WAITING", "WAITING", "go on DONE", "COMPLETED"]);
  expect(foreign).toEqual([]);
});

test("ended processes go after the retention, with their journals; unfinished ones stay", async () => {
  const definition = processOf("end-soon", async (process) => noted(process, "a"));
  const waiting = processOf("never-end", async (process) => process.waitForAnswer("x", { schema: z.null() }));
  const [one] = [engine([definition, waiting], { retentionMs: 3_600_000 })];
  const ended = await as(one).start(definition, { input: {} });
  const open = await as(one).start(waiting, { input: {} });
  await world.reached(ended.id, "COMPLETED");
  await world.reached(open.id, "WAITING");
  const later = () => new Date(Date.now() + 7_200_000);
  engine([definition, waiting], { retentionMs: 3_600_000, clock: later });
  for (let tries = 0; tries < 500 && (await as(one).find(ended.id)); tries++) await sleep(20);
  expect(await as(one).find(ended.id)).toBeNull();
  expect(await as(one).find(open.id)).not.toBeNull();
});
