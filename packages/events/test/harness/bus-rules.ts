/** What a driver promises at the seam. Run by one test file per driver. */

import { setTimeout as sleep } from "node:timers/promises";
import { gate } from "@tessera/database/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Bus } from "../../src/index.js";
import { type BusWorld, eventsFrom, Heard, numberOf, openBusWorld, upTo } from "./bus-world.js";
import { counted, envelopeOf, noted, until, type WorldOptions } from "./world.js";

const hour = 3_600_000;

export function busRules(driver: () => WorldOptions): void {
  let world: BusWorld;
  let bus: Bus;
  beforeEach(async () => {
    world = await openBusWorld(driver());
    bus = await world.open();
  });
  afterEach(() => world.close());
  const settled = (one: Bus): Promise<void> => until("it settled", () => one.settled());
  const ordered = (heard: Heard, aggregates: number, count: number): void => {
    for (let a = 0; a < aggregates; a++) {
      const expected = upTo(count).filter((n) => n % aggregates === a);
      expect(heard.distinct(`a${a}`)).toEqual(expected);
    }
  };

  test("a group gets every event once, those of one aggregate in order", async () => {
    const heard = new Heard();
    bus.consume("archive", [counted.type], heard.by("one"));
    await world.append(eventsFrom(0, 700, 7));
    await world.append(eventsFrom(700, 700, 7));
    await heard.has(1400);
    await settled(bus);
    expect(heard.events.length).toBe(1400);
    ordered(heard, 7, 1400);
  });

  test("consumers of one group share the work: nothing is lost and no aggregate is in two hands", async () => {
    const heard = new Heard();
    const other = await world.open();
    bus.consume(
      "archive",
      ["*"],
      heard.by("one", () => sleep(2)),
    );
    other.consume(
      "archive",
      ["*"],
      heard.by("two", () => sleep(2)),
    );
    for (let n = 0; n < 600; n += 100) await world.append(eventsFrom(n, 100, 10));
    await heard.has(600);
    await settled(bus);
    ordered(heard, 10, 600);
    expect(heard.overlaps).toEqual([]);
  });

  test("a consumer that joins in the middle of the work takes over only what nobody has in hand", async () => {
    const heard = new Heard();
    bus.consume(
      "archive",
      ["*"],
      heard.by("one", () => sleep(150)),
    );
    await world.append(eventsFrom(0, 300, 30));
    await until("the work began", () => heard.events.length > 20);
    const other = await world.open();
    const subscription = other.consume(
      "archive",
      ["*"],
      heard.by("two", () => sleep(20)),
    );
    for (let n = 300; n < 900; n += 60) {
      await world.append(eventsFrom(n, 60, 30));
      await sleep(200);
    }
    await subscription.close();
    await heard.has(900);
    await settled(bus);
    ordered(heard, 30, 900);
    expect(heard.overlaps).toEqual([]);
  });

  test("an event that was given back comes again, and so do those behind it that were given back, in order", async () => {
    const handled: number[] = [];
    let [failures, broken] = [2, false];
    bus.consume("archive", ["*"], async (event) => {
      const n = numberOf(event);
      if (n === 5) broken = failures-- > 0;
      // Whoever cannot handle an event must not handle a later one of its aggregate.
      if (broken) throw new Error("not yet");
      handled.push(n);
    });
    await world.append(eventsFrom(0, 20));
    await until("it came again", () => handled.includes(5));
    await settled(bus);
    expect([...new Set(handled)]).toEqual(upTo(20));
  });

  test("an event that takes long holds up no other aggregate, and is still there for another attempt", async () => {
    const heard = new Heard();
    const { opened, open } = gate();
    let failures = 1;
    bus.consume(
      "archive",
      ["*"],
      heard.by("one", async (event) => {
        if (numberOf(event) !== 0 || failures-- === 0) return;
        await opened;
        throw new Error("not yet");
      }),
    );
    await world.append(eventsFrom(0, 400, 40));
    await heard.has(400);
    await sleep(100);
    await bus.trim(0);
    open();
    await until("it came again", () => heard.numbers("a0").filter((n) => n === 0).length === 2);
    await settled(bus);
    ordered(heard, 40, 400);
  });

  test("what was not handled when a consumer closed is done by another one; close waits for what is in hand", async () => {
    const heard = new Heard();
    const { opened, open } = gate();
    const subscription = bus.consume(
      "archive",
      ["*"],
      heard.by("one", () => opened),
    );
    await world.append(eventsFrom(0, 1000));
    await until("it has some in hand", () => heard.events.length > 0);
    let closed = false;
    const closing = subscription.close().then(() => {
      closed = true;
    });
    await sleep(200);
    expect(closed).toBe(false);
    open();
    await closing;
    const before = heard.events.length;
    expect(before).toBeLessThan(1000);
    await sleep(100);
    expect(heard.events.length).toBe(before);
    const other = await world.open();
    other.consume("archive", ["*"], heard.by("two"));
    await heard.has(1000);
    ordered(heard, 1, 1000);
  });

  test("a consumer that stands still holds a bounded number of events, and gets the rest when it moves again", async () => {
    const heard = new Heard();
    const { opened, open } = gate();
    bus.consume(
      "archive",
      ["*"],
      heard.by("one", () => opened),
    );
    for (let n = 0; n < 6000; n += 500) await world.append(eventsFrom(n, 500, 2));
    await until("it has some in hand", () => heard.events.length > 0);
    await sleep(1500);
    expect(heard.events.length).toBeLessThanOrEqual(1024);
    open();
    await heard.has(6000);
    ordered(heard, 2, 6000);
  });

  test("a group that stands still does not hold up another", async () => {
    const quick = new Heard();
    const { opened, open } = gate();
    bus.consume("mail-room", ["*"], () => opened);
    bus.consume("archive", ["*"], quick.by("one"));
    await world.append(eventsFrom(0, 500, 3));
    await quick.has(500);
    open();
  });

  test("a group gets the types it asked for; `*` stands for all of them", async () => {
    const [some, all] = [new Heard(), new Heard()];
    bus.consume("archive", [counted.type], some.by("one"));
    bus.consume("mail-room", ["*"], all.by("one"));
    await world.append([
      ...eventsFrom(0, 2),
      ...eventsFrom(2, 1, 1, { type: noted.type }),
      ...eventsFrom(3, 1, 1, { type: "test.unheard-of" }),
      ...eventsFrom(4, 1),
    ]);
    await all.has(5);
    await settled(bus);
    expect(some.numbers()).toEqual([0, 1, 4]);
    expect(all.numbers()).toEqual([0, 1, 2, 3, 4]);
  });

  test("a group that is new starts with the oldest event the bus still holds", async () => {
    await world.append(eventsFrom(0, 30, 3));
    const heard = new Heard();
    const other = await world.open();
    other.consume("archive", ["*"], heard.by("one"));
    await heard.has(30);
    ordered(heard, 3, 30);
  });

  test("trimming takes what every group has passed, and leaves what one has not or what is too young", async () => {
    const [one, two] = [new Heard(), new Heard()];
    bus.consume("archive", ["*"], one.by("one"));
    const left = bus.consume("mail-room", ["*"], two.by("one"));
    await world.append(eventsFrom(0, 40, 4));
    await Promise.all([one.has(40), two.has(40)]);
    await settled(bus);
    await left.close();
    await world.append(eventsFrom(40, 40, 4));
    await one.has(80);
    await settled(bus);
    await sleep(20);
    expect(await bus.trim(hour)).toBe(0);
    await bus.trim(1);
    const third = new Heard();
    const other = await world.open();
    other.consume("late-comer", ["*"], third.by("two"));
    other.consume("mail-room", ["*"], two.by("two"));
    await Promise.all([two.has(80), third.has(40)]);
    await settled(other);
    ordered(two, 4, 80);
    expect(third.distinct().filter((n) => n >= 40)).toHaveLength(40);
    expect(third.distinct().length).toBeLessThan(80);
  });

  test("a group that has handled nothing yet already holds up trimming, also while it does not run", async () => {
    let tries = 0;
    const subscription = bus.consume("archive", ["*"], () => {
      tries++;
      return Promise.reject(new Error("not today"));
    });
    await until("the group is known", async () => {
      const [state] = await bus.lag([{ group: "archive", types: ["*"] }]);
      return state?.lag === 0 && (await bus.settled());
    });
    await world.append(eventsFrom(0, 20, 4));
    await until("it was tried", () => tries > 0);
    await subscription.close();
    await bus.trim(0);
    const heard = new Heard();
    bus.consume("archive", ["*"], heard.by("one"));
    await heard.has(20);
    ordered(heard, 4, 20);
  });

  test("every tail of every process hears what comes from now on, in order, and no group is needed for it", async () => {
    const other = await world.open();
    await world.append(eventsFrom(0, 5));
    // Longer than a poll takes: by then every process has passed over them.
    await sleep(2000);
    const [here, there] = [new Heard(), new Heard()];
    bus.tail((event) => void here.by("one")(event));
    const tail = other.tail((event) => void there.by("two")(event));
    await world.append(eventsFrom(5, 100, 5));
    await Promise.all([here.has(100), there.has(100)]);
    for (const heard of [here, there]) {
      expect(heard.numbers().sort((a, b) => a - b)).toEqual(upTo(105).slice(5));
      for (let a = 0; a < 5; a++)
        expect(heard.numbers(`a${a}`)).toEqual(upTo(105).filter((n) => n >= 5 && n % 5 === a));
    }
    await tail.close();
    await world.append(eventsFrom(105, 1));
    await here.has(101);
    await sleep(100);
    expect(there.events.length).toBe(100);
  });

  test("a repetition reaches groups and no tail", async () => {
    const [live, grouped] = [new Heard(), new Heard()];
    bus.tail((event) => void live.by("one")(event));
    bus.consume("archive", ["*"], grouped.by("one"));
    await world.append(eventsFrom(0, 1, 1, { replay: { id: envelopeOf().id, consumer: null } }));
    await world.append(eventsFrom(1, 1));
    await Promise.all([grouped.has(2), live.has(1)]);
    expect(grouped.numbers()).toEqual([0, 1]);
    expect(live.numbers()).toEqual([1]);
  });

  test("an announcement reaches every tail and no group, and nobody who comes later", async () => {
    const other = await world.open();
    const [here, there, grouped, later] = [new Heard(), new Heard(), new Heard(), new Heard()];
    bus.tail((event) => void here.by("one")(event));
    other.tail((event) => void there.by("two")(event));
    bus.consume("archive", ["*"], grouped.by("one"));
    await bus.announce(envelopeOf({ payload: { n: 7 } }));
    await Promise.all([here.has(1), there.has(1)]);
    const third = await world.open();
    third.tail((event) => void later.by("three")(event));
    await world.append(eventsFrom(8, 1));
    await Promise.all([grouped.has(1), later.has(1), here.has(2)]);
    expect(here.numbers()).toEqual([7, 8]);
    expect(grouped.numbers()).toEqual([8]);
    expect(later.numbers()).toEqual([8]);
  });

  test("it is settled when the groups of this process have handled everything, and not before", async () => {
    const { opened, open } = gate();
    bus.consume("archive", ["*"], () => opened);
    await settled(bus);
    await world.append(eventsFrom(0, 3, 3));
    await sleep(300);
    expect(await bus.settled()).toBe(false);
    open();
    await settled(bus);
  });

  test("lag is what a group has not handled, and since when, also of a group of another process", async () => {
    const archive = { group: "archive", types: ["*"] };
    const lag = async () => (await bus.lag([archive]))[0];
    const other = await world.open();
    const heard = new Heard();
    const subscription = other.consume("archive", ["*"], heard.by("two"));
    await world.append(eventsFrom(0, 10, 2));
    await heard.has(10);
    await settled(other);
    expect(await lag()).toEqual({ group: "archive", lag: 0, oldestAt: null });
    await subscription.close();
    const before = Date.now();
    await world.append(eventsFrom(10, 25, 2));
    const after = Date.now();
    const behind = await lag();
    expect(behind?.lag).toBe(25);
    expect(behind?.oldestAt?.getTime()).toBeGreaterThanOrEqual(before - 5);
    expect(behind?.oldestAt?.getTime()).toBeLessThanOrEqual(after + 5);
    other.consume("archive", ["*"], heard.by("two"));
    await heard.has(35);
    await until("nothing is behind", async () => (await lag())?.lag === 0);
  });

  test("it says that it is well, and after closing that it is not; closing again does nothing", async () => {
    expect(await bus.health()).toMatchObject({ ok: true });
    await bus.close();
    expect(await bus.health()).toMatchObject({ ok: false });
    await bus.close();
  });
}
