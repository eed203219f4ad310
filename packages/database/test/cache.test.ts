import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cache, type Database, openCache, openDatabase } from "../src/index.js";
import { createTestDatabase, startTestRedis, startTestServer, type TestRedis } from "../src/testing/index.js";

describe.each(["PostgreSQL", "Redis"])("the cache in %s", (kind) => {
  let redis: TestRedis | undefined;
  let database: Database;
  let other: Database;
  let here: Cache;
  let there: Cache;
  const open = (of: Database) => openCache({ database: of, ...(redis ? { redisUrl: redis.url } : {}) });

  beforeAll(async () => {
    if (kind === "Redis") redis = await startTestRedis();
    database = await createTestDatabase([]);
    other = await openDatabase({ url: database.url, poolSize: 1 });
    here = await open(database);
    there = await open(other);
  }, 180_000);
  afterAll(async () => {
    await here?.close();
    await there?.close();
    await other?.close();
    await database?.close();
    await redis?.close();
  });

  test("what one process stores another reads, until it is deleted or its time is over", async () => {
    await here.set("a:1", { n: [1, "x", null] }, 60);
    expect(await there.get("a:1")).toEqual({ n: [1, "x", null] });
    await here.delete("a:1");
    await expect.poll(() => there.get("a:1")).toBeUndefined();
    await here.set("short", 1, 3);
    expect(await there.get("short")).toBe(1);
    await expect.poll(() => there.get("short")).toBeUndefined();
  });

  test.each([null, false, 0, "", "text", { deep: [{ Ünïcode: '"\\' }] }])(
    "gives %j back as it was stored",
    async (value) => {
      const key = `value:${JSON.stringify(value)}`;
      await here.set(key, value, 60);
      expect(await there.get(key)).toEqual(value);
    },
  );

  test("keeps nothing whose time to live is over when it comes", async () => {
    await here.set("never", 1, 0);
    expect(await here.get("never")).toBeUndefined();
  });

  test("a changed value reaches a process that remembers the old one", async () => {
    await here.set("b", "old", 60);
    expect(await there.get("b")).toBe("old");
    await here.set("b", "new", 60);
    await expect.poll(() => there.get("b")).toBe("new");
  });

  test("a prefix is deleted as it is written, and nothing else", async () => {
    const kept = ["tx1", "T*1", "x:t*1", "t[1]"];
    const gone = ["t*1", "t*2", "t*[a]?\\"];
    for (const key of [...kept, ...gone]) await here.set(key, key, 60);
    await there.deletePrefix("t*");
    const left = () => Promise.all(gone.map((key) => here.get(key)));
    await expect.poll(left).toEqual(gone.map(() => undefined));
    expect(await Promise.all(kept.map((key) => here.get(key)))).toEqual(kept);
  });

  test("a prefix of very many keys is deleted whole", async () => {
    const keys = Array.from({ length: 1500 }, (_, n) => `many:${n}`);
    await Promise.all(keys.map((key) => here.set(key, 1, 60)));
    await here.deletePrefix("many:");
    expect((await Promise.all(keys.map((key) => here.get(key)))).filter((value) => value !== undefined)).toEqual([]);
  });

  test("of one database is not that of another", async () => {
    const stranger = await createTestDatabase([]);
    const foreign = await open(stranger);
    await here.set("ours", 1, 60);
    expect(await foreign.get("ours")).toBeUndefined();
    await foreign.deletePrefix("");
    expect(await here.get("ours")).toBe(1);
    await foreign.close();
    await stranger.close();
  });
});

interface Outage {
  readonly cache: Cache;
  restart(options: { meanwhile: () => Promise<unknown> }): Promise<void>;
  end(): Promise<void>;
}

async function overRedis(): Promise<Outage> {
  const redis = await startTestRedis({ own: true });
  const database = await createTestDatabase([]);
  const cache = await openCache({ database, redisUrl: redis.url });
  const end = async () => void (await Promise.all([cache.close(), database.close(), redis.close()]));
  return { cache, restart: redis.restart, end };
}

async function overPostgres(): Promise<Outage> {
  const server = await startTestServer({ own: true });
  const database = await openDatabase({ url: server.url, poolSize: 1 });
  const cache = await openCache({ database });
  const end = async () => {
    await cache.close();
    await database.close();
    await server.stop();
  };
  return { cache, restart: server.restart, end };
}

describe.each([
  ["PostgreSQL", overPostgres],
  ["Redis", overRedis],
])("while %s is away", (_, start) => {
  test("nothing is found and nothing fails or hangs; what was deleted meanwhile stays deleted", {
    timeout: 60_000,
  }, async () => {
    const { cache, restart, end } = await start();
    for (const key of ["kept", "dropped", "p:1"]) await cache.set(key, key, 600);
    // The server is away for as long as this takes, so none of it may wait for the server.
    const meanwhile = async (): Promise<void> => {
      const begin = performance.now();
      // What this process remembers may be told for a moment longer; what it deletes itself may not.
      await cache.delete("dropped");
      await cache.deletePrefix("p:");
      await cache.set("lost", 1, 600);
      expect(await cache.get("dropped")).toBeUndefined();
      expect(performance.now() - begin).toBeLessThan(15_000);
    };
    await restart({ meanwhile });
    await expect.poll(() => cache.get("kept")).toBe("kept");
    expect(await Promise.all(["dropped", "p:1", "lost"].map((key) => cache.get(key)))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    await cache.set("again", 1, 600);
    expect(await cache.get("again")).toBe(1);
    await end();
  });
});

test("a Redis that is not there is refused with a coded error that names the setting", async () => {
  const database = await createTestDatabase([]);
  const opening = openCache({ database, redisUrl: "redis://127.0.0.1:1" });
  await expect(opening).rejects.toMatchObject({ code: "CACHE_UNAVAILABLE", message: /REDIS_URL/ });
  await database.close();
});
