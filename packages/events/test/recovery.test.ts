/** Servers and connections that go away and come back. */
import { setTimeout as sleep } from "node:timers/promises";
import { startTestRedis, type TestRedis } from "@tessera/database/testing";
import { afterEach, describe, expect, test } from "vitest";
import { openBus } from "../src/index.js";
import { counted, openWorld, tenantA, until, type World } from "./harness/world.js";

let world: World;
afterEach(() => world?.close());

const publish = async (from: number, to: number): Promise<void> => {
  for (let n = from; n < to; n++) await world.publish("a", n);
};
const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
const arrived = (count: number): Promise<void> =>
  until(`${count} events had their effect`, async () => (await world.effects("archive")).length >= count);

describe("PostgreSQL", () => {
  const cut = async (): Promise<number> =>
    (
      await world.database.admin`
        select pg_terminate_backend(pid, 10000) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`
    ).count;

  test("when it cuts all connections, relay, group and listener come back; nothing is lost, nothing twice", async () => {
    world = await openWorld();
    world.events.startRelay();
    world.counting("archive");
    const controller = new AbortController();
    const live = world.events.live(counted, { tenantId: tenantA, signal: controller.signal });
    await publish(0, 5);
    await arrived(5);
    expect(await cut()).toBeGreaterThan(1);
    await sleep(50);
    await until("publishing works again", () =>
      publish(5, 6).then(
        () => true,
        () => false,
      ),
    );
    await publish(6, 20);
    await arrived(20);
    expect(await world.effects("archive")).toEqual(upTo(20));
    const heard: number[] = [];
    while (heard.length < 20) heard.push((await live.next()).value.payload.n);
    expect(heard).toEqual(upTo(20));
    controller.abort();
  });

  test("when it cuts connections again and again under load, every event still has its effect once and in order", async () => {
    world = await openWorld();
    world.events.startRelay();
    world.counting("archive");
    let published = 0;
    for (let round = 0; round < 6; round++) {
      for (let n = 0; n < 15; n++)
        if (
          await world.publish("a", published).then(
            () => true,
            () => false,
          )
        )
          published++;
      await cut().catch(() => 0);
    }
    // The owner's client of the test lost its connections too: a look that fails is repeated.
    const allThere = async (): Promise<boolean> => {
      const rows = await world.database.admin`select from committed`;
      return (await world.effects("archive")).length >= rows.count;
    };
    await until("all effects are there", () => allThere().catch(() => false));
    await sleep(300);
    const committed = await world.database.admin`select n from committed order by id`;
    expect(await world.effects("archive")).toEqual(committed.map(({ n }) => n));
  });
});

describe("Redis", () => {
  test("when it is killed and comes back with its append-only file, nothing is lost and nothing done twice", async () => {
    const redis: TestRedis = await startTestRedis({ own: true });
    world = await openWorld({ redisUrl: redis.url });
    world.events.startRelay();
    world.counting("archive", async () => sleep(5));
    await publish(0, 30);
    await redis.restart({ downMs: 400 });
    await publish(30, 60);
    await arrived(60);
    await world.events.idle();
    expect(await world.effects("archive")).toEqual(upTo(60));
    await world.events.close();
    await redis.close();
  }, 60_000);

  test("while it is down publishing goes on, health says so, and the events arrive afterwards", async () => {
    const redis: TestRedis = await startTestRedis({ own: true });
    world = await openWorld({ redisUrl: redis.url });
    world.events.startRelay();
    world.counting("archive");
    await publish(0, 3);
    await arrived(3);
    expect(await world.bus.health()).toMatchObject({ ok: true });
    await redis.restart({
      meanwhile: async () => {
        await publish(3, 6);
        expect(await world.bus.health()).toMatchObject({ ok: false });
      },
    });
    await arrived(6);
    expect(await world.effects("archive")).toEqual(upTo(6));
    await world.events.close();
    await redis.close();
  }, 60_000);

  test("a Redis that is not there is refused with a coded error that names the setting", async () => {
    world = await openWorld();
    const opening = openBus({ database: world.database, redisUrl: "redis://127.0.0.1:1" });
    await expect(opening).rejects.toMatchObject({ code: "BUS_UNAVAILABLE", details: { setting: "REDIS_URL" } });
  });
});
