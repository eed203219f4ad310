/** What live subscribers can rely on. Run by one test file per driver. */
import { randomUUID } from "node:crypto";
import { getEventListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  counted,
  countedV2,
  deliver,
  envelopeOf,
  noted,
  openWorld,
  originOf,
  tenantA,
  tenantB,
  type World,
  type WorldOptions,
} from "./world.js";

export function liveRules(driver: () => WorldOptions): void {
  let world: World;
  let other: World;
  beforeAll(async () => {
    world = await openWorld({ ...driver(), liveBuffer: 50 });
    other = await openWorld({ ...driver(), databaseUrl: world.database.url });
    world.events.startRelay();
  });
  afterAll(async () => {
    await other.close();
    await world.close();
  });

  const live = (tenantId = tenantA, where?: (n: number) => boolean) => {
    const controller = new AbortController();
    const iterator = world.events.live(counted, {
      tenantId,
      signal: controller.signal,
      ...(where && { where: ({ payload }) => where(payload.n) }),
    });
    return { iterator, controller };
  };
  const take = async (iterator: AsyncIterator<{ payload: { n: number } }>, count: number): Promise<number[]> => {
    const taken: number[] = [];
    while (taken.length < count) taken.push((await iterator.next()).value.payload.n);
    return taken;
  };

  test("a subscriber gets committed events of its contract and tenant in order, and of no other tenant", async () => {
    const a = live(tenantA);
    const b = live(tenantB);
    await deliver(world, envelopeOf({ type: noted.type, payload: { text: "other contract" } }));
    await deliver(world, envelopeOf({ version: countedV2.version, payload: { n: 9, unit: "other version" } }));
    await world.publish("a", 1, { tenantId: tenantB });
    for (const n of [2, 3, 4]) await world.publish("a", n);
    expect(await take(a.iterator, 3)).toEqual([2, 3, 4]);
    expect(await take(b.iterator, 1)).toEqual([1]);
    a.controller.abort();
    b.controller.abort();
  });

  test("who subscribes after nobody did gets what is published from then on, and nothing from before", async () => {
    const early = live();
    await world.publish("a", 1);
    expect(await take(early.iterator, 1)).toEqual([1]);
    await early.iterator.return?.();
    await world.publish("a", 2);
    await world.events.idle();
    // Longer than a poll takes: by then this process has passed over it.
    await sleep(2000);
    const late = live();
    await world.publish("a", 3);
    expect(await take(late.iterator, 1)).toEqual([3]);
    late.controller.abort();
  });

  test("a subscriber in another process gets what is published here", async () => {
    const controller = new AbortController();
    const tenantId = randomUUID();
    const iterator = other.events.live(counted, { tenantId, signal: controller.signal });
    await world.publish("a", 5, { tenantId });
    expect(await take(iterator, 1)).toEqual([5]);
    controller.abort();
  });

  test("only events that `where` lets through arrive; one that throws ends the subscription with its error", async () => {
    const even = live(tenantA, (n) => n % 2 === 0);
    const broken = live(tenantA, () => {
      throw new Error("bad filter");
    });
    for (const n of [1, 2, 3, 4]) await world.publish("a", n);
    expect(await take(even.iterator, 2)).toEqual([2, 4]);
    await expect(broken.iterator.next()).rejects.toThrow("bad filter");
    expect(await broken.iterator.next()).toEqual({ value: undefined, done: true });
    even.controller.abort();
  });

  test("an announcement reaches live subscribers of its tenant in every process, and is stored nowhere", async () => {
    const [tenantId, foreignId] = [randomUUID(), randomUUID()];
    const { iterator, controller } = live(tenantId);
    const foreign = live(foreignId);
    const elsewhere = other.events.live(counted, { tenantId, signal: controller.signal });
    await world.events.announce(originOf(tenantId), counted, { aggregateId: "a", payload: { n: 77 } });
    expect(await take(iterator, 1)).toEqual([77]);
    expect(await take(elsewhere, 1)).toEqual([77]);
    await world.publish("a", 78, { tenantId: foreignId });
    expect(await take(foreign.iterator, 1)).toEqual([78]);
    const stored = await world.database.admin`
      select from (select event from kernel.outbox union all select event from kernel.stream) all_events
      where event->>'tenantId' = ${tenantId}`;
    expect(stored.count).toBe(0);
    controller.abort();
    foreign.controller.abort();
  });

  test("an announcement that is too large or breaks its contract is refused", async () => {
    const text = "x".repeat(1_100_000);
    const large = world.events.announce(originOf(tenantA), noted, { aggregateId: "a", payload: { text } });
    await expect(large).rejects.toMatchObject({ code: "ANNOUNCE_TOO_LARGE" });
    const invalid = async () =>
      world.events.announce(originOf(tenantA), counted, { aggregateId: "a", payload: { n: 0.5 } });
    await expect(invalid()).rejects.toMatchObject({ code: "EVENT_INVALID" });
  });

  test("a subscriber that reads too slowly ends with a coded error; one that keeps up goes on", async () => {
    const slow = live();
    const quick = live();
    for (let n = 0; n < 60; n++) {
      await world.publish("a", n);
      if (n % 20 === 19) expect((await take(quick.iterator, 20)).at(-1)).toBe(n);
    }
    await expect(slow.iterator.next()).rejects.toMatchObject({
      code: "LIVE_CONSUMER_TOO_SLOW",
      details: { limit: 50 },
    });
    expect(await slow.iterator.next()).toEqual({ value: undefined, done: true });
    quick.controller.abort();
  });

  test("aborting ends a waiting subscriber, and no listener stays behind however it ends", async () => {
    const { iterator, controller } = live();
    const waiting = iterator.next();
    expect(getEventListeners(controller.signal, "abort").length).toBe(1);
    controller.abort();
    expect(await waiting).toEqual({ value: undefined, done: true });
    const returned = live();
    await returned.iterator.return?.();
    const overflown = live(tenantA, () => {
      throw new Error("ends it");
    });
    await world.publish("a", 1);
    await expect(overflown.iterator.next()).rejects.toThrow("ends it");
    for (const { signal } of [controller, returned.controller, overflown.controller]) {
      expect(getEventListeners(signal, "abort").length).toBe(0);
    }
    expect(await live().iterator.return?.()).toEqual({ value: undefined, done: true });
  });

  test("a subscription with a signal that is aborted already is over at once", async () => {
    const iterator = world.events.live(counted, { tenantId: tenantA, signal: AbortSignal.abort() });
    expect(await iterator.next()).toEqual({ value: undefined, done: true });
  });
}
