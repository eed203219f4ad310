import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Database, newId, openDatabase } from "../src/index.js";
import { createTestDatabase } from "../src/testing/index.js";
import { trees } from "./modules/index.js";
import { plantedTrees } from "./modules/trees/tables.js";
import { type Relay, startRelay } from "./relay.js";

const scope = { tenantId: newId() };
const unavailable = { code: "DATABASE_UNAVAILABLE" };
describe("a connection lost in the middle", () => {
  let owner: Database;
  let relay: Relay;
  let database: Database;
  beforeAll(async () => {
    owner = await createTestDatabase([trees]);
    relay = await startRelay(owner.url);
    database = await openDatabase({ url: relay.url, poolSize: 2 });
  });
  afterAll(async () => {
    await database?.close();
    await relay?.close();
    await owner?.close();
  });
  /** Each sleep is a turn of the event loop; on a busy machine one could be over before the sockets were looked at. */
  const noticed = async () => {
    for (let turn = 0; turn < 5; turn += 1) await sleep(10);
  };
  const lose = async () => {
    relay.drop();
    await noticed();
  };

  test("fails a running read, and the next read succeeds", async () => {
    const module = database.forModule("trees");
    const reading = module.reader(scope).execute(sql`select pg_sleep(20)`);
    const failed = expect(reading).rejects.toMatchObject(unavailable);
    const running = () => owner.admin`
      select 1 from pg_stat_activity
      where datname = current_database() and query like '%pg_sleep(20)%' and pid <> pg_backend_pid()`;
    await expect.poll(async () => (await running()).length).toBe(1);
    relay.drop();
    await failed;
    expect(await module.reader(scope).execute(sql`select 1 as n`)).toMatchObject([{ n: 1 }]);
  });

  test("fails a transaction between two statements, commits nothing of it, and the next one succeeds", async () => {
    const module = database.forModule("trees");
    const plant = (between: () => Promise<void>) =>
      module.transaction(scope, async (db) => {
        await db.insert(plantedTrees).values({ id: newId(), name: "Oak" });
        await between();
        await db.insert(plantedTrees).values({ id: newId(), name: "Elm" });
      });
    await expect(plant(lose)).rejects.toMatchObject(unavailable);
    expect(await module.reader(scope).select().from(plantedTrees)).toEqual([]);
    await plant(async () => {});
    expect(await module.reader(scope).select().from(plantedTrees)).toHaveLength(2);
  });

  test("fails the owner's transaction and the statements it still tries, and nothing else", async () => {
    let second: unknown;
    const work = database.admin.begin(async (tx) => {
      await tx`select 1`;
      await lose();
      second = await Promise.resolve()
        .then(() => tx`select 2`)
        .catch((error: unknown) => error);
    });
    await expect(work).rejects.toThrow();
    await expect.poll(() => second).toMatchObject(unavailable);
    const value = await database.admin.begin(async (tx) => {
      await tx`create temporary table note (n int) on commit drop`;
      await tx.savepoint(async (inner) => inner`insert into note values (1)`);
      return tx`select n from note`;
    });
    expect(value).toMatchObject([{ n: 1 }]);
  });

  test("fails the owner's session, whose locks are gone, instead of going on in another one", async () => {
    const session = await database.admin.reserve();
    expect(await session`select pg_try_advisory_lock(1) as held`).toEqual([{ held: true }]);
    await lose();
    expect(() => session`select 1`).toThrow(/was lost/);
    session.release();
    const next = await database.admin.reserve();
    expect(await next`select pg_try_advisory_lock(1) as held`).toEqual([{ held: true }]);
    await next`select pg_advisory_unlock_all()`;
    next.release();
  });

  test("fails the owner's statement alone, at whichever step of connecting it happens", async () => {
    for (let step = 0; step < 6; step += 1) {
      await lose();
      relay.leaveAfter(step);
      // Whether it succeeds depends on the step; what must not happen is an error that nobody can catch.
      await database.admin`select ${["a", null]}::text[] as list`.catch(() => {});
      await noticed();
      await relay.comeBack();
      expect(await database.admin`select ${step}::int as n`).toEqual([{ n: step }]);
    }
  });

  test("leaves lists of the built-in types readable and writable for the owner", async () => {
    const at = new Date("2026-01-02T03:04:05Z");
    const [row] = await database.admin`
      select ${['a "b"', null, "{c,\\"]}::text[] as texts, ${[1, 2]}::int[] as numbers, array[true, false] as flags,
        ${[at.toISOString()]}::timestamptz[] as times, ${["9007199254740993"]}::bigint[] as big,
        array[array['a'], array['b']] as nested, array['{"n":1}'::jsonb] as json, ${[] as string[]}::uuid[] as none`;
    expect(row).toEqual({
      texts: ['a "b"', null, "{c,\\"],
      numbers: [1, 2],
      flags: [true, false],
      times: [at],
      big: ["9007199254740993"],
      nested: [["a"], ["b"]],
      json: [{ n: 1 }],
      none: [],
    });
  });
});
