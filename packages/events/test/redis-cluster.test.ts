/** The bus over a real Redis Cluster of three nodes. */
import { startTestRedis } from "@tessera/database/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { everyPartition, keysOf, partitionOf } from "../src/redis/keys.js";
import { type BusWorld, eventsFrom, Heard, openBusWorld, upTo } from "./harness/bus-world.js";
import { startRedisCluster, type TestRedisCluster } from "./harness/redis-cluster.js";
import { envelopeOf, until } from "./harness/world.js";

describe("the bus over a Redis Cluster", { timeout: 60_000 }, () => {
  let cluster: TestRedisCluster;
  let world: BusWorld;
  beforeAll(async () => {
    // Sees to it that there is a redis-server.
    await (await startTestRedis({ own: true })).close();
    cluster = await startRedisCluster();
    world = await openBusWorld({ redisUrl: cluster.url });
  }, 180_000);
  afterAll(async () => {
    await world?.close();
    await cluster?.close();
  });

  test("keys of one partition share a slot, and partitions are spread", async () => {
    const tag = (key: string): string | undefined => /\{([^}]+)\}/.exec(key)?.[1];
    const keys = keysOf("anything");
    const tags = everyPartition.map((partition) => {
      const own = [keys.stream(partition), keys.lease(partition, "a"), keys.lease(partition, "b")].map(tag);
      expect(new Set(own).size).toBe(1);
      return own[0];
    });
    expect(new Set(tags).size).toBe(everyPartition.length);
  });

  test("events of every node reach groups and tails in order, announcements too, and are trimmed", async () => {
    const [bus, other] = [await world.open(), await world.open()];
    const [grouped, live] = [new Heard(), new Heard()];
    bus.consume("archive", ["*"], grouped.by("one"));
    other.consume("archive", ["*"], grouped.by("two"));
    other.tail((event) => void live.by("two")(event));
    await world.append(eventsFrom(0, 800, 40));
    await Promise.all([grouped.has(800), live.has(800)]);
    for (const heard of [grouped, live]) {
      for (let a = 0; a < 40; a++) expect(heard.distinct(`a${a}`)).toEqual(upTo(800).filter((n) => n % 40 === a));
    }
    await bus.announce(envelopeOf({ payload: { n: 900 } }));
    await live.has(801);
    expect(Math.min(...(await cluster.sizes()))).toBeGreaterThan(0);
    await until("it settled", () => bus.settled());
    expect(await bus.lag([{ group: "archive", types: ["*"] }])).toEqual([{ group: "archive", lag: 0, oldestAt: null }]);
    expect(await bus.trim(0)).toBeGreaterThan(700);
    await Promise.all([bus.close(), other.close()]);
  });

  test("while a node is away its events wait, and nothing is lost when it is back", async () => {
    const bus = await world.open();
    const heard = new Heard();
    bus.consume("mail-room", ["*"], heard.by("one"));
    await until("it settled", () => bus.settled());
    const before = heard.distinct().length;
    await cluster.kill(2);
    const events = eventsFrom(1000, 300, 30);
    expect(new Set(events.map(partitionOf)).size).toBeGreaterThan(8);
    const append = (): Promise<boolean> =>
      world.append(events).then(
        () => true,
        () => false,
      );
    expect(await append()).toBe(false);
    await cluster.start(2);
    await until("the events are taken", append, 40_000);
    await heard.has(before + 300);
    await until("it settled again", () => bus.settled().catch(() => false), 40_000);
    for (let a = 0; a < 30; a++) {
      const expected = upTo(1300).filter((n) => n >= 1000 && n % 30 === a);
      expect(heard.distinct(`a${a}`).filter((n) => n >= 1000)).toEqual(expected);
    }
    await bus.close();
  });
});
