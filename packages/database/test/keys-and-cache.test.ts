import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cache, type Database, groupByKey, inKeyOrder, newId, openCache, openDatabase } from "../src/index.js";
import { createTestDatabase } from "../src/testing/index.js";

test("new ids rise", () => {
  const ids = Array.from({ length: 1000 }, newId);
  expect(ids).toEqual([...ids].sort());
});

test("rows come back in the order of the keys, null for a key without a row", () => {
  const rows = [{ id: "b" }, { id: "a" }];
  expect(inKeyOrder(["a", "x", "b", "a"], rows, (row) => row.id)).toEqual([rows[1], null, rows[0], rows[1]]);
  expect(groupByKey(["a", "x"], [...rows, { id: "a" }], (row) => row.id)).toEqual([[{ id: "a" }, { id: "a" }], []]);
});

const redisUrl = process.env.TESSERA_TEST_REDIS_URL;
for (const kind of redisUrl ? ["postgres", "redis"] : ["postgres"]) {
  describe(`the cache in ${kind}`, () => {
    let database: Database;
    let other: Database;
    let here: Cache;
    let there: Cache;
    beforeAll(async () => {
      database = await createTestDatabase([]);
      other = await openDatabase({ url: database.url, poolSize: 1 });
      const where = kind === "redis" && redisUrl ? { redisUrl } : {};
      here = await openCache({ database, ...where });
      there = await openCache({ database: other, ...where });
    });
    afterAll(async () => {
      await here?.close();
      await there?.close();
      await other?.close();
      await database?.close();
    });

    test("what one process stores another reads, until it is deleted or its time is over", async () => {
      await here.set("a:1", { n: [1, "x", null] }, 60);
      expect(await there.get("a:1")).toEqual({ n: [1, "x", null] });
      await here.delete("a:1");
      await sleep(100);
      expect(await there.get("a:1")).toBeUndefined();
      await here.set("short", 1, 0.2);
      expect(await there.get("short")).toBe(1);
      await sleep(300);
      expect(await there.get("short")).toBeUndefined();
    });

    test("a changed value reaches a process that remembers the old one", async () => {
      await here.set("b", "old", 60);
      expect(await there.get("b")).toBe("old");
      await here.set("b", "new", 60);
      await sleep(100);
      expect(await there.get("b")).toBe("new");
    });

    test("a prefix is deleted as it is written, and nothing else", async () => {
      for (const key of ["t*1", "t*2", "tx1"]) await here.set(key, key, 60);
      await there.deletePrefix("t*");
      await sleep(100);
      expect(await Promise.all(["t*1", "t*2", "tx1"].map((key) => here.get(key)))).toEqual([
        undefined,
        undefined,
        "tx1",
      ]);
    });
  });
}
