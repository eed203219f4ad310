/** What must hold when several processes share the work and some of them die. Run by one test file per driver. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import type { ChildOptions } from "./child.js";
import { type Child, removeProgram, startChild } from "./processes.js";
import { openWorld, until, type World, type WorldOptions } from "./world.js";

const aggregates = ["a", "b", "c", "d", "e", "f"];

export function processRules(driver: () => WorldOptions): void {
  let world: World;
  let children: Child[];
  const start = async (options: Omit<ChildOptions, "databaseUrl" | "redisUrl" | "kafkaBrokers">): Promise<Child> => {
    const child = await startChild({ databaseUrl: world.database.url, ...driver(), ...options });
    children.push(child);
    return child;
  };
  const publish = (count: number, from = 0): Promise<unknown> =>
    Promise.all(Array.from({ length: count }, (_, n) => world.publish(aggregates[n % 6] ?? "a", from + n)));
  const arrived = (count: number): Promise<void> =>
    until(`${count} events had their effect`, async () => (await world.effects("archive")).length >= count, 50_000);
  /** Each event once, and those of an aggregate in the order of their commits. */
  const nothingLostOrTwice = async (count: number): Promise<void> => {
    await sleep(300);
    for (const aggregate of aggregates) {
      const committed = await world.database.admin`select n from committed where aggregate = ${aggregate} order by id`;
      expect(await world.effects("archive", aggregate)).toEqual(committed.map(({ n }) => n));
    }
    expect((await world.effects("archive")).length).toBe(count);
  };

  afterAll(removeProgram);
  beforeEach(async () => {
    children = [];
    world = await openWorld(driver());
  });
  afterEach(async () => {
    await Promise.all(children.map((child) => child.stop()));
    await world.close();
  });

  test("processes that compete for a group and for the relay do everything once and in order", async () => {
    for (let n = 0; n < 3; n++) await start({ relay: true, modules: ["archive"] });
    await publish(300);
    await arrived(300);
    await nothingLostOrTwice(300);
  });

  test("a consumer killed in the middle of a reaction loses nothing and repeats nothing", async () => {
    world.events.startRelay();
    const doomed = await start({ modules: ["archive"], slowMs: 20, hangsAt: 59 });
    await publish(60);
    await doomed.printed("in 59\n");
    await doomed.kill();
    const before = (await world.effects("archive")).length;
    expect(before).toBeLessThan(60);
    await start({ modules: ["archive"] });
    await arrived(60);
    await nothingLostOrTwice(60);
  });

  test("a relay killed in the middle of a run loses nothing and repeats nothing", async () => {
    world.counting("archive");
    await publish(1800);
    for (let round = 0; round < 3; round++) {
      const left = async (): Promise<number> => (await world.database.admin`select from kernel.outbox`).count;
      const doomed = await start({ relay: true });
      const before = await left();
      await until("it moved something", async () => before === 0 || (await left()) < before);
      await doomed.kill();
      await publish(100, 10_000 * (round + 1));
    }
    await start({ relay: true });
    await arrived(2100);
    await nothingLostOrTwice(2100);
  });

  test("the relay that stands by takes over from one that was killed", async () => {
    world.counting("archive");
    const first = await start({ relay: true });
    await publish(6);
    await arrived(6);
    await start({ relay: true });
    await first.kill();
    await publish(6, 6);
    await arrived(12);
    await nothingLostOrTwice(12);
  });
}
