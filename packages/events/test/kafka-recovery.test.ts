/** A broker that goes away and comes back. `TESSERA_KAFKA_CONTROL` is the address that restarts it. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openBus } from "../src/index.js";
import { type BusWorld, eventsFrom, Heard, openBusWorld, upTo } from "./harness/bus-world.js";
import { openWorld, until, type World } from "./harness/world.js";

const kafkaBrokers = process.env.KAFKA_BROKERS;

async function restart(downMs: number): Promise<void> {
  const answer = await fetch(`${process.env.TESSERA_KAFKA_CONTROL}/restart?downMs=${downMs}`);
  if (!answer.ok) throw new Error(await answer.text());
}

describe("over the seam, when the broker is killed and comes back", { timeout: 240_000 }, () => {
  let world: BusWorld;
  beforeEach(async () => {
    world = await openBusWorld({ kafkaBrokers });
  });
  afterEach(() => world?.close());

  test("groups, tails and publishers of every process go on, and nothing is lost or out of order", async () => {
    const [one, two] = [await world.open(), await world.open()];
    const [grouped, live] = [new Heard(), new Heard()];
    one.consume(
      "archive",
      ["*"],
      grouped.by("one", () => sleep(5)),
    );
    two.consume(
      "archive",
      ["*"],
      grouped.by("two", () => sleep(5)),
    );
    two.tail((event) => void live.by("two")(event));
    await world.append(eventsFrom(0, 400, 20));
    await until("the work began", () => grouped.events.length > 50);
    const restarting = restart(1500);
    await sleep(700);
    expect(await one.health()).toMatchObject({ ok: false });
    const again = (): Promise<boolean> =>
      world.append(eventsFrom(400, 400, 20)).then(
        () => true,
        () => false,
      );
    await restarting;
    await until("publishing works again", again, 60_000);
    await Promise.all([grouped.has(800), live.has(800)]);
    await until("it settled", () => one.settled().catch(() => false), 40_000);
    for (let a = 0; a < 20; a++) {
      const expected = upTo(800).filter((n) => n % 20 === a);
      expect(grouped.distinct(`a${a}`)).toEqual(expected);
      expect(live.distinct(`a${a}`)).toEqual(expected);
    }
    expect(await one.health()).toMatchObject({ ok: true });
  });
});

describe("with reactions, when the broker is killed and comes back", { timeout: 240_000 }, () => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld({ kafkaBrokers });
  });
  afterEach(() => world?.close());

  test("publishing goes on meanwhile, and every event has its effect once and in order", async () => {
    world.events.startRelay();
    world.counting("archive", () => sleep(5));
    for (let n = 0; n < 30; n++) await world.publish("a", n);
    const restarting = restart(1000);
    for (let n = 30; n < 60; n++) await world.publish("a", n);
    await restarting;
    await until("all had their effect", async () => (await world.effects("archive")).length >= 60, 60_000);
    await until("it settled", () => world.bus.settled().catch(() => false), 40_000);
    expect(await world.effects("archive")).toEqual(upTo(60));
  });
});

test("a Kafka that is not there is refused with a coded error that names the setting", async () => {
  const world = await openWorld();
  const opening = openBus({ database: world.database, kafkaBrokers: "127.0.0.1:1" });
  await expect(opening).rejects.toMatchObject({ code: "BUS_UNAVAILABLE", details: { setting: "KAFKA_BROKERS" } });
  await world.close();
});
