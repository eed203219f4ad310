/** What is removed, when, and what never is. */
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { cleanUp } from "../src/retention.js";
import { openWorld, until, type World } from "./harness/world.js";

let world: World;
const clean = (retentionMs: number): Promise<void> =>
  cleanUp({ admin: world.database.admin, bus: world.bus, retentionMs });
const count = async (table: string): Promise<number> => {
  const [row] = await world.database.admin.unsafe(`select count(*)::int as count from ${table}`);
  return Number(row?.count);
};
const hour = 3_600_000;

beforeEach(async () => {
  world = await openWorld({ retry: { baseMs: 5, attempts: 1 } });
  world.events.startRelay();
});
afterEach(() => world.close());

test("the outbox is empty when the relay has caught up: it keeps nothing of what the bus has", async () => {
  for (let n = 0; n < 20; n++) await world.publish("a", n);
  await until("it was relayed", async () => (await count("kernel.outbox")) === 0);
  expect(await count("kernel.stream")).toBe(20);
});

test("events go when every consumer has passed them and their time is over, and neither alone is enough", async () => {
  world.counting("archive");
  const stopped = world.counting("mail-room");
  await world.publish("a", 1);
  await world.events.idle();
  await clean(hour);
  expect(await count("kernel.stream")).toBe(1);
  await stopped.close();
  await world.publish("a", 2);
  await world.events.idle();
  await world.database.admin`update kernel.stream set recorded_at = now() - interval '2 hours'`;
  await clean(hour);
  expect(await count("kernel.stream")).toBe(1);
  world.counting("mail-room");
  await world.events.idle();
  expect(await world.effects("mail-room")).toEqual([1, 2]);
  await clean(hour);
  expect(await count("kernel.stream")).toBe(0);
});

test("many old events go in several short statements", async () => {
  await world.database.admin`
    insert into kernel.stream (event, recorded_at)
    select json_build_object('type', 'x', 'tenantId', ''), now() - interval '2 hours' from generate_series(1, 25000)`;
  expect(await world.bus.trim(hour)).toBe(25_000);
});

test("marks stay for twice the time of events, so that an event on the bus always finds its mark", async () => {
  await world.database.admin`
    insert into kernel.seen (consumer, event_id, seen_at) values
      ('archive', ${randomUUID()}, now() - interval '90 minutes'), ('archive', ${randomUUID()}, now() - interval '3 hours')`;
  await clean(hour);
  expect(await count("kernel.seen")).toBe(1);
});

test("dead letters stay until somebody decides; the record of a discarded one goes after twice the time", async () => {
  world.counting("archive", async () => {
    throw new Error("never ever");
  });
  await world.publish("a", 1);
  await world.publish("b", 2);
  await until("both are dead", async () => (await world.events.stats()).deadLetters === 2);
  const { deadLetters } = world.events.operations({ tenantId: null, actorId: null });
  const [letter] = await deadLetters.list();
  await deadLetters.discard(letter?.id ?? "", { reason: "a test" });
  await world.database.admin`update kernel.parked set parked_at = now() - interval '1 year'`;
  await clean(hour);
  expect(await count("kernel.parked")).toBe(2);
  await world.database.admin`update kernel.parked set discarded_at = discarded_at - interval '3 hours'`;
  await clean(hour);
  expect((await deadLetters.list()).map(({ event }) => event.payload)).toEqual([{ n: 2 }]);
  expect(await count("kernel.parked")).toBe(1);
});
