import { afterEach, describe, expect, test } from "vitest";
import type { EventsOptions } from "../src/index.js";
import { deliver, envelopeOf, openWorld, until, type World } from "./harness/world.js";

describe("what waits", () => {
  let world: World;
  const open = async (retry: EventsOptions["retry"] = { baseMs: 20, capMs: 200, attempts: 4 }): Promise<void> => {
    world = await openWorld({ retry });
  };
  afterEach(() => world.close());

  test("is counted by place: not yet relayed, waiting for another attempt, given up", async () => {
    await open();
    expect(await world.events.stats()).toEqual({ outbox: 0, parked: 0, deadLetters: 0 });
    for (const [aggregate, n] of [
      ["a", 1],
      ["a", 2],
      ["b", 3],
    ] as const)
      await world.publish(aggregate, n);
    expect(await world.events.stats()).toEqual({ outbox: 3, parked: 0, deadLetters: 0 });
    world.counting("archive", async (_, n) => {
      if (n === 1) throw new Error("never ever");
    });
    world.events.startRelay();
    await until("it was given up", async () => (await world.events.stats()).deadLetters === 1);
    await world.events.idle();
    expect(await world.events.stats()).toEqual({ outbox: 0, parked: 0, deadLetters: 1 });
  });

  test("behind a failed event is counted as parked", async () => {
    await open({ baseMs: 60_000, attempts: 100 });
    world.counting("archive", async () => {
      throw new Error("not yet");
    });
    world.events.startRelay();
    await world.publish("a", 1);
    await world.publish("a", 2);
    await until("both are parked", async () => (await world.events.stats()).parked === 2);
  });

  test("is counted while others write, and not beyond 10,000", async () => {
    await open();
    const { admin } = world.database;
    const writing = Promise.all(Array.from({ length: 50 }, (_, n) => world.publish(`w${n}`, n)));
    for (let look = 0; look < 5; look++) expect((await world.events.stats()).outbox).toBeLessThanOrEqual(50);
    await writing;
    await deliver(world, envelopeOf());
    expect((await world.events.stats()).outbox).toBe(51);
    await admin`insert into kernel.outbox (event) select event from kernel.outbox, generate_series(1, 300)`;
    expect((await world.events.stats()).outbox).toBe(10_000);
  });
});

test("a failed reaction is logged with its error where loggers look for one, and what it was about", async () => {
  const lines: object[] = [];
  const keep = (facts: object, message: string): void => void lines.push({ ...facts, message });
  const log = { info() {}, warn: keep, error: keep };
  const world = await openWorld({ log, retry: { baseMs: 10, attempts: 2 } });
  const failure = new Error("the meter is broken");
  world.counting("archive", async () => {
    throw failure;
  });
  world.events.startRelay();
  await world.publish("a", 1);
  await until("both attempts were logged", () => lines.length >= 2);
  const about = { err: failure, module: "archive", type: "test.counted", event: expect.any(String) };
  expect(lines).toMatchObject([
    { ...about, message: expect.stringContaining("will be tried again") },
    { ...about, attempts: 2, message: expect.stringContaining("dead letter") },
  ]);
  await world.close();
});
