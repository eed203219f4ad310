/** What every bus driver must do. Run by one test file per driver. */
import { gate } from "@tessera/database/testing";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { react } from "../../src/index.js";
import {
  type CountedHandler,
  counted,
  countedV2,
  deliver,
  envelopeOf,
  type Joined,
  noted,
  openWorld,
  originOf,
  tenantA,
  tenantB,
  until,
  type World,
  type WorldOptions,
} from "./world.js";

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

export function deliveryRules(driver: () => WorldOptions): void {
  let world: World;
  const running: { close(): Promise<void> }[] = [];
  const counting: World["counting"] = (...args) => keep(world.counting(...args));
  const letters = (tenantId: string | null = null) =>
    world.events.operations({ tenantId, actorId: "operator" }).deadLetters;
  const keep = <T extends { close(): Promise<void> }>(subscription: T): T => {
    running.push(subscription);
    return subscription;
  };

  beforeAll(async () => {
    world = await openWorld(driver());
    world.events.startRelay();
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((subscription) => subscription.close()));
    await world.database.admin`truncate effects, committed, kernel.parked`;
  });
  afterAll(() => world.close());

  test("every event of concurrent transactions arrives, in the order of the commits of its aggregate", async () => {
    counting("archive");
    await Promise.all(numbers(120).map((n) => world.publish(`a${n % 4}`, n, { holdMs: n % 7 === 0 ? 40 : n % 3 })));
    await world.events.idle();
    for (const aggregate of ["a0", "a1", "a2", "a3"]) {
      const committed = await world.database.admin`select n from committed where aggregate = ${aggregate} order by id`;
      expect(await world.effects("archive", aggregate)).toEqual(committed.map(({ n }) => n));
    }
    expect((await world.effects("archive")).length).toBe(120);
  });

  test("a transaction that commits late is not skipped, and nobody waits for it", async () => {
    counting("archive");
    const [written, late] = [gate(), gate()];
    const hold = (): Promise<void> => {
      written.open();
      return late.opened;
    };
    const slow = world.publish("slow", 1, { hold });
    await written.opened;
    await world.publish("quick", 2);
    await until("the later event arrived", async () => (await world.effects("archive")).includes(2));
    expect(await world.effects("archive")).toEqual([2]);
    late.open();
    await slow;
    await world.events.idle();
    expect(await world.effects("archive")).toEqual([2, 1]);
  });

  test("a rolled back transaction announces nothing", async () => {
    counting("archive");
    const refused = world.database.forModule("ledger").transaction({ tenantId: tenantA }, async (db) => {
      const outbox = world.events.outbox(originOf(tenantA));
      outbox.publish(counted, { aggregateId: "a", payload: { n: 1 } });
      await outbox.flush(db);
      throw new Error("changed my mind");
    });
    await expect(refused).rejects.toThrow("changed my mind");
    await world.publish("a", 2);
    await world.events.idle();
    expect(await world.effects("archive")).toEqual([2]);
  });

  test("an event delivered twice has its effect once; two events with the same content have two", async () => {
    counting("archive");
    const event = envelopeOf();
    await deliver(world, event);
    await world.events.idle();
    await deliver(world, event);
    await deliver(world, { ...envelopeOf(), payload: event.payload });
    await world.events.idle();
    expect(await world.effects("archive")).toEqual([1, 1]);
  });

  test("each module that reacts gets the event, a module that does not react gets none", async () => {
    counting("archive");
    counting("mail-room");
    await world.publish("each", 1);
    await world.events.idle();
    expect(await world.effects("archive", "each")).toEqual([1]);
    expect(await world.effects("mail-room", "each")).toEqual([1]);
    expect(await world.effects("ledger", "each")).toEqual([]);
  });

  test("what a reaction publishes commits with it and travels on with its cause", async () => {
    const heard: unknown[] = [];
    keep(
      world.react("mail-room", [
        react(counted, async (context: Joined, { n }) => context.publish(noted, "note", { text: `saw ${n}` })),
      ]),
    );
    keep(
      world.react("archive", [
        react(noted, async (_: Joined, { text }, event) => {
          heard.push([text, event.source, event.causationId]);
        }),
      ]),
    );
    const event = envelopeOf();
    await deliver(world, event);
    await world.events.idle();
    expect(heard).toEqual([["saw 1", "mail-room", event.id]]);
  });

  test("a reaction that fails leaves no effect and is tried again until it succeeds", async () => {
    let attempts = 0;
    counting("archive", async () => {
      attempts++;
      if (attempts < 3) throw new Error("not yet");
    });
    await world.publish("a", 7);
    await until("it succeeded", async () => (await world.effects("archive")).length > 0);
    expect(attempts).toBe(3);
    expect(await world.effects("archive")).toEqual([7]);
    await until("nothing waits", async () => (await letters().list({ state: "waiting" })).length === 0);
  });

  test("behind a failed event its aggregate keeps the order while other aggregates go on", async () => {
    let broken = true;
    const fails: CountedHandler = async (_, n) => {
      if (n === 1 && broken) throw new Error("broken");
    };
    // It must not be given up before the other aggregate is looked at.
    counting("archive", fails, { attempts: 10_000 });
    await world.publish("a", 1);
    for (const n of [2, 3, 4]) await world.publish("a", n);
    await world.publish("b", 5);
    await until("the other aggregate went on", async () => (await world.effects("archive", "b")).length === 1);
    expect(await world.effects("archive", "a")).toEqual([]);
    broken = false;
    await until("the queue was worked off", async () => (await world.effects("archive", "a")).length === 4);
    expect(await world.effects("archive", "a")).toEqual([1, 2, 3, 4]);
  });

  test("after the last attempt an event is a dead letter with its last error, and those behind it go on", async () => {
    counting("archive", async (_, n) => {
      if (n === 1) throw new Error("never ever");
    });
    await world.publish("a", 1);
    await world.publish("a", 2);
    await until("those behind went on", async () => (await world.effects("archive")).length === 1);
    expect(await world.effects("archive")).toEqual([2]);
    const [letter, ...others] = await letters(tenantA).list({ module: "archive" });
    expect(others).toEqual([]);
    expect(letter).toMatchObject({ module: "archive", state: "dead", attempts: 4, lastError: "never ever" });
    expect(letter?.event.payload).toEqual({ n: 1 });
    expect(await letters(tenantB).list()).toEqual([]);
  });

  test("a dead letter tried again runs once in effect; a letter that is not there is refused", async () => {
    let broken = true;
    counting("archive", async () => {
      if (broken) throw new Error("broken");
    });
    await world.publish("a", 1);
    await until("it is dead", async () => (await letters().list()).length === 1);
    broken = false;
    const [letter] = await letters().list();
    const id = letter?.id ?? "";
    await letters().retry(id);
    await expect(letters().retry(id)).rejects.toMatchObject({ code: "DEAD_LETTER_NOT_FOUND" });
    await until("it ran", async () => (await world.effects("archive")).length === 1);
    if (letter) await deliver(world, letter.event);
    await world.events.idle();
    expect(await world.effects("archive")).toEqual([1]);
  });

  test("a discarded dead letter does not run even if it is delivered again", async () => {
    let broken = true;
    counting("archive", async () => {
      if (broken) throw new Error("broken");
    });
    await world.publish("a", 1);
    await until("it is dead", async () => (await letters().list()).length === 1);
    broken = false;
    const [letter] = await letters().list();
    await letters().discard(letter?.id ?? "", { reason: "obsolete" });
    if (letter) await deliver(world, letter.event);
    await world.events.idle();
    expect(await world.effects("archive")).toEqual([]);
    expect(await letters().list()).toEqual([]);
    await expect(letters().discard("no number", { reason: "none" })).rejects.toMatchObject({
      code: "DEAD_LETTER_NOT_FOUND",
    });
  });

  test("a payload that breaks the contract and an unknown version become dead letters that say why", async () => {
    counting("archive");
    await deliver(world, envelopeOf({ aggregateId: "a", payload: { n: "one" } }));
    await deliver(world, envelopeOf({ aggregateId: "b", version: countedV2.version, payload: { n: 1, unit: "kg" } }));
    await deliver(world, envelopeOf({ aggregateId: "c" }));
    await until("both are dead", async () => (await letters().list()).length === 2);
    await world.events.idle();
    const errors = (await letters().list()).map(({ lastError }) => lastError?.split(":")[0]);
    expect(errors.sort()).toEqual(["EVENT_INVALID", "EVENT_VERSION_UNKNOWN"]);
    expect(await world.effects("archive")).toEqual([1]);
  });

  test("a reaction that hangs is given up after its time and tried again, at last by an operator", async () => {
    let attempts = 0;
    let hangs = true;
    const hanging = react(
      counted,
      async () => {
        attempts++;
        if (hangs) await new Promise((resolve) => setTimeout(resolve, 800));
      },
      { timeoutMs: 150 },
    );
    keep(world.react("archive", [hanging]));
    await world.publish("a", 1);
    await until("it is dead", async () => (await letters().list()).length === 1);
    const [letter] = await letters().list();
    expect(letter?.lastError).toMatch(/^REACTION_TIMEOUT/);
    expect(letter?.attempts).toBe(4);
    hangs = false;
    await letters().retry(letter?.id ?? "");
    await until("it is through", async () => (await letters().list({ state: "waiting" })).length === 0);
    expect(await letters().list()).toEqual([]);
    expect(attempts).toBeGreaterThan(1);
  });

  test("a group that is new starts with the oldest event the bus still holds", async () => {
    counting("archive");
    await world.publish("late-comer", 1);
    await world.events.idle();
    counting("ledger", async () => {});
    await until("it caught up", async () => (await world.effects("ledger", "late-comer")).length === 1);
  });

  test("trimming removes what every group has passed and keeps what one has not", async () => {
    counting("archive");
    const stopped = world.counting("mail-room");
    await world.publish("trimmed", 1);
    await world.events.idle();
    await stopped.close();
    await world.publish("trimmed", 2);
    await world.events.idle();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await world.bus.trim(1);
    counting("mail-room");
    await until("it was still there", async () => (await world.effects("mail-room", "trimmed")).includes(2));
  });
}
