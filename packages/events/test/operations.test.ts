/** What an operator sees of delivery and may do about it. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { DeadLetter, Subscription } from "../src/index.js";
import { envelopeOf, openWorld, tenantA, tenantB, until, type World } from "./harness/world.js";

const operator = "0190a000-0000-7000-8000-0000000000ff";
let world: World;
let broken = true;
let archive: Subscription;
const operations = (tenantId: string | null = tenantA) => world.events.operations({ tenantId, actorId: operator });
const letters = (tenantId: string | null = tenantA) => operations(tenantId).deadLetters;
/** A dead letter of tenant A about an event with this number. */
const fail = async (n = 1): Promise<DeadLetter> => {
  const before = (await letters().list()).length;
  await world.publish(randomUUID(), n);
  await until("it is dead", async () => (await letters().list()).length === before + 1);
  return (await letters().list()).at(-1) as DeadLetter;
};

beforeAll(async () => {
  world = await openWorld({ retry: { baseMs: 5, attempts: 2 } });
  world.events.startRelay();
  archive = world.counting("archive", async (_, n) => {
    if (broken || n < 0) throw new Error(`the meter broke at ${n}`);
  });
});
afterEach(async () => {
  broken = true;
  await world.events.idle();
  await world.database.admin`truncate effects, kernel.parked`;
});
afterAll(() => world.close());

describe("dead letters", () => {
  test("say why with reason and stack, and what they are about", async () => {
    const letter = await fail(7);
    expect(letter).toMatchObject({ module: "archive", state: "dead", attempts: 2, discarded: null });
    expect(letter.lastError).toBe("the meter broke at 7");
    expect(letter.lastStack).toContain("operations.test.ts");
    expect(letter.event.payload).toEqual({ n: 7 });
    expect(await letters().get(letter.id)).toEqual(letter);
  });

  test("come in pages, oldest first, by module and type", async () => {
    const all = [await fail(1), await fail(2), await fail(3)];
    const page = await letters().list({ limit: 2, module: "archive", type: "test.counted" });
    expect(page).toEqual(all.slice(0, 2));
    expect(await letters().list({ after: page[1]?.id ?? "" })).toEqual(all.slice(2));
    expect(await letters().list({ module: "ledger" })).toEqual([]);
  });

  test("of another tenant do not exist; to who operates the installation all do", async () => {
    const { id } = await fail();
    const missing = { code: "DEAD_LETTER_NOT_FOUND" };
    expect(await letters(tenantB).list()).toEqual([]);
    await expect(letters(tenantB).get(id)).rejects.toMatchObject(missing);
    await expect(letters(tenantB).retry(id)).rejects.toMatchObject(missing);
    await expect(letters(tenantB).discard(id, { reason: "not mine" })).rejects.toMatchObject(missing);
    expect(await letters(null).get(id)).toMatchObject({ id, state: "dead" });
  });

  test("run again with another payload when it matches the contract, and are refused one that does not", async () => {
    const { id, event } = await fail(-1);
    broken = false;
    await expect(letters().retry(id, { payload: { n: "two" } })).rejects.toMatchObject({ code: "EVENT_INVALID" });
    expect((await letters().get(id)).event.payload).toEqual({ n: -1 });
    await letters().retry(id, { payload: { n: 2 } });
    await until("it ran", async () => (await world.effects("archive", event.aggregateId)).length === 1);
    expect(await world.effects("archive")).toEqual([2]);
    await expect(letters().get(id)).rejects.toMatchObject({ code: "DEAD_LETTER_NOT_FOUND" });
  });

  test("that fail again after a retry are dead again with a fresh count", async () => {
    const { id } = await fail();
    await letters().retry(id);
    await until("it is dead again", async () => (await letters().list()).length === 1);
    expect(await letters().get(id)).toMatchObject({ state: "dead", attempts: 2 });
  });

  test("that were discarded are kept with who, when and why, and run no more", async () => {
    const { id } = await fail();
    const before = new Date(Date.now() - 60_000);
    await letters().discard(id, { reason: "a test meter" });
    expect(await letters().list()).toEqual([]);
    const [record] = await letters().list({ state: "discarded" });
    expect(record).toMatchObject({ id, state: "discarded", discarded: { by: operator, reason: "a test meter" } });
    expect(record?.discarded?.at.getTime()).toBeGreaterThan(before.getTime());
    await expect(letters().retry(id)).rejects.toMatchObject({ code: "DEAD_LETTER_NOT_FOUND" });
    expect((await world.events.stats()).deadLetters).toBe(0);
  });
});

describe("consumers", () => {
  const state = async (tenantId: string | null = tenantA) => {
    const consumers = await operations(tenantId).consumers();
    return consumers.find(({ module }) => module === "archive");
  };

  test("show what they react to, how much they handle, and what is parked and dead of the scope", async () => {
    await fail();
    broken = false;
    for (let n = 0; n < 20; n++) await world.publish("a", n);
    await world.events.idle();
    expect(await state()).toMatchObject({
      types: ["test.counted"],
      lag: 0,
      oldestWaitingAt: null,
      deadLetters: 1,
      parked: 0,
    });
    expect((await state())?.handledPerSecond).toBeGreaterThanOrEqual(2);
    expect(await state(tenantB)).toMatchObject({ deadLetters: 0 });
  });

  test("that do not run show how far they are behind, and since when", async () => {
    broken = false;
    await archive.close();
    const before = Date.now() - 60_000;
    for (let n = 0; n < 5; n++) await world.publish("a", n);
    await until("the bus has them", async () => (await world.events.stats()).outbox === 0);
    const behind = await state();
    expect(behind).toMatchObject({ lag: 5 });
    expect(behind?.oldestWaitingAt?.getTime()).toBeGreaterThan(before);
    archive = world.counting("archive", async (_, n) => {
      if (broken || n < 0) throw new Error(`the meter broke at ${n}`);
    });
    await until("it caught up", async () => (await state())?.lag === 0);
  });
});

test("repeating waits for a consumer that is far behind, and goes on when it has caught up", async () => {
  const { admin } = world.database;
  const crowd = envelopeOf({ type: "test.crowd" });
  await admin`
    insert into kernel.consumer (consumer, types) values ('mail-room', array['test.crowd'])
    on conflict (consumer) do update set types = excluded.types`;
  await admin`insert into kernel.cursor (consumer) values ('mail-room') on conflict do nothing`;
  await admin`
    insert into kernel.stream (event) select ${JSON.stringify(crowd)}::text::json from generate_series(1, 6000)`;
  let accepted = false;
  const replay = { id: randomUUID(), consumer: "mail-room" };
  const sending = operations(null)
    .resend([crowd], replay)
    .then(() => {
      accepted = true;
    });
  await until("the bus has it", async () => (await world.events.stats()).outbox === 0);
  await sleep(300);
  expect(accepted).toBe(false);
  await admin`update kernel.cursor set position = (select max(position) from kernel.stream) where consumer = 'mail-room'`;
  await sending;
  expect(accepted).toBe(true);
});
