/** Where a group is in a partition: who may say so, what it means to trimming and lag, and to the version before this one. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { gate, startTestRedis, type TestRedis } from "@tessera/database/testing";
import type { EventEnvelope } from "@tessera/shared-types";
import { createClient } from "redis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Bus } from "../src/index.js";
import { readArrivals } from "../src/redis/arrivals.js";
import { openRedisBus } from "../src/redis/bus.js";
import { type Keys, keysOf, partitionOf } from "../src/redis/keys.js";
import { eventsFrom, Heard, numberOf, upTo } from "./harness/bus-world.js";
import { counted, noted, until } from "./harness/world.js";

const everything = { group: "archive", types: ["*"] };

describe("the place of a group in a Redis partition", { timeout: 60_000 }, () => {
  let redis: TestRedis;
  let raw: ReturnType<typeof newClient>;
  let namespace: string;
  let keys: Keys;
  let buses: Bus[];
  const newClient = (url: string) => createClient({ url });
  /** All of one aggregate, so of one partition. */
  const partition = partitionOf(eventsFrom(0, 1)[0] as EventEnvelope);
  let stream: string;

  beforeAll(async () => {
    redis = await startTestRedis({ own: true });
    raw = newClient(redis.url);
    await raw.connect();
  }, 180_000);
  afterAll(async () => {
    raw.destroy();
    await redis.close();
  });
  beforeEach(() => {
    namespace = randomUUID();
    keys = keysOf(namespace);
    stream = keys.stream(partition);
    buses = [];
  });
  afterEach(() => Promise.all(buses.map((bus) => bus.close())));

  const open = async (): Promise<Bus> => {
    const bus = await openRedisBus(redis.url, namespace);
    buses.push(bus);
    return bus;
  };
  const settled = (bus: Bus): Promise<void> => until("it settled", () => bus.settled());
  const lagOf = async (bus: Bus): Promise<number | undefined> => (await bus.lag([everything]))[0]?.lag;
  /** As the version before does it. */
  const appendBefore = async (events: readonly EventEnvelope[]): Promise<string[]> => {
    const added = events.map((event) => raw.xAdd(stream, "*", { t: event.type, e: JSON.stringify(event) }));
    const ids = await Promise.all(added);
    await raw.publish(keys.arrivals, JSON.stringify([partition]));
    return ids;
  };
  const readBefore = async (count: number): Promise<number[]> => {
    const read = await raw.xReadGroup("archive", "worker", { key: stream, id: ">" }, { COUNT: count });
    const entries = (read as { messages: { message: { e: string } }[] }[] | null)?.[0]?.messages ?? [];
    return entries.map(({ message }) => numberOf(JSON.parse(message.e)));
  };

  test("what the version before left unacknowledged is done from the first of it on, in order, and is done then", async () => {
    const ids = await appendBefore(eventsFrom(0, 40));
    await raw.xGroupCreate(stream, "archive", "0");
    expect(await readBefore(30)).toEqual(upTo(30));
    await raw.xAck(
      stream,
      "archive",
      ids.filter((_, n) => n < 30 && ![7, 8, 20].includes(n)),
    );
    const heard = new Heard();
    const bus = await open();
    expect(await lagOf(bus)).toBe(13);
    bus.consume("archive", ["*"], heard.by("one"));
    await heard.has(33);
    await settled(bus);
    expect(heard.numbers()).toEqual(upTo(40).slice(7));
    expect(await lagOf(bus)).toBe(0);
    await bus.append(eventsFrom(40, 3));
    await heard.has(36);
    expect(heard.numbers()).toEqual(upTo(43).slice(7));
  });

  test("the version before goes on behind what this one has handled", async () => {
    const heard = new Heard();
    const bus = await open();
    const subscription = bus.consume("archive", ["*"], heard.by("one"));
    await bus.append(eventsFrom(0, 20));
    await heard.has(20);
    await settled(bus);
    await subscription.close();
    await appendBefore(eventsFrom(20, 5));
    const pending = await raw.xAutoClaim(stream, "archive", "worker", 0, "0-0");
    expect(pending.messages).toEqual([]);
    expect(await readBefore(100)).toEqual([20, 21, 22, 23, 24]);
  });

  test("what the version before stores is heard of at once, and it hears of what this one stores", async () => {
    const got: number[] = [];
    const bus = await open();
    bus.consume("archive", ["*"], async () => {
      got.push(performance.now());
    });
    await settled(bus);
    const delays: number[] = [];
    for (let n = 1; n <= 9; n++) {
      const began = performance.now();
      await appendBefore(eventsFrom(n, 1));
      await until("it came", () => got.length === n);
      delays.push((got.at(-1) ?? 0) - began);
    }
    // A poll would take half a second every time; on a busy machine some may be late.
    expect(delays.sort((a, b) => a - b)[2]).toBeLessThan(200);
    const told: string[] = [];
    const subscriber = newClient(redis.url);
    await subscriber.connect();
    await subscriber.subscribe(keys.arrivals, (message) => told.push(message));
    await bus.append([...eventsFrom(10, 2), ...eventsFrom(12, 1, 1, { type: noted.type })]);
    await until("it was told", () => told.length > 0);
    subscriber.destroy();
    const last = (await raw.xRevRange(stream, "+", "-", { COUNT: 1 }))?.[0];
    expect(told.map((message) => JSON.parse(message))).toEqual([[partition, last?.id, [counted.type, noted.type]]]);
    expect(told.flatMap(readArrivals)).toEqual([{ partition, id: last?.id, types: [counted.type, noted.type] }]);
    expect(readArrivals("[3,5]")).toEqual([3, 5].map((one) => ({ partition: one, id: null, types: null })));
  });

  test("whoever has lost the lease does not move the place of the group any more", async () => {
    const [bus, other] = [await open(), await open()];
    const { opened, open: letGo } = gate();
    const [frozen, quick] = [new Heard(), new Heard()];
    bus.consume(
      "archive",
      ["*"],
      frozen.by("one", () => opened),
    );
    await bus.append(eventsFrom(0, 10));
    await frozen.has(10);
    await raw.del(keys.lease(partition, "archive"));
    other.consume("archive", ["*"], quick.by("two"));
    await quick.has(10);
    // It asks every two seconds: by then it knows.
    await sleep(5000);
    await other.append(eventsFrom(10, 10));
    await quick.has(20);
    await settled(other);
    letGo();
    await sleep(300);
    expect(await lagOf(bus)).toBe(0);
    await sleep(1500);
    expect([frozen.events.length, quick.events.length]).toEqual([10, 20]);
  });

  test("lag is exact while some are under way and others are handled", async () => {
    const bus = await open();
    const { opened, open: letGo } = gate();
    const handled: number[] = [];
    bus.consume("archive", ["*"], async (event) => {
      if (numberOf(event) === 100) await opened;
      handled.push(numberOf(event));
    });
    await bus.append(eventsFrom(0, 300));
    await until("all others are handled", () => handled.length === 299);
    await until("its place is saved", async () => (await lagOf(bus)) === 200);
    await appendBefore(eventsFrom(300, 50));
    expect(await lagOf(bus)).toBe(250);
    const [group] = await raw.xInfoGroups(stream);
    expect(group?.lag).toBe(250);
    letGo();
    await until("nothing is behind", async () => (await lagOf(bus)) === 0);
  });

  test("nothing is read back from Redis where nobody listens and no group wants the type", async () => {
    const commands = async (name: string): Promise<number> =>
      Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(await raw.info("commandstats"))?.[1] ?? 0);
    const bus = await open();
    const heard = new Heard();
    await settled(bus);
    const before = await commands("xread");
    await bus.append(eventsFrom(0, 100, 10));
    await sleep(1500);
    expect(await commands("xread")).toBe(before);
    bus.tail((event) => void heard.by("one")(event));
    await bus.append(eventsFrom(100, 10, 10));
    await heard.has(10);
    expect(heard.distinct().sort((a, b) => a - b)).toEqual(upTo(110).slice(100));
    expect(await commands("xread")).toBeGreaterThan(before);
  });
});
