import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Database, DatabaseError, newId } from "../src/index.js";
import { createTestDatabase } from "../src/testing/index.js";
import { trees } from "./modules/index.js";
import { keepers, plantedTrees } from "./modules/trees/tables.js";

const scope = { tenantId: newId() };

describe("reads and transactions", () => {
  let database: Database;
  let module: ReturnType<Database["forModule"]>;

  beforeAll(async () => {
    database = await createTestDatabase([trees], { poolSize: 4, maxWaiting: 4 });
    module = database.forModule("trees");
  });
  afterAll(() => database?.close());

  const sleep = (seconds: number) => sql`select pg_sleep(${seconds}::float8)`;

  test("a reader cannot write, a transaction can", async () => {
    const row = { id: newId(), name: "Oak" };
    await expect(module.reader(scope).insert(plantedTrees).values(row)).rejects.toMatchObject({ code: "READ_ONLY" });
    await module.transaction(scope, (db) => db.insert(plantedTrees).values(row));
    expect(await module.reader(scope).select().from(plantedTrees)).toHaveLength(1);
  });

  test("a failing read takes none of its neighbours along", async () => {
    const db = module.reader(scope);
    const [before, failed, after, also] = await Promise.allSettled([
      db.execute(sql`select 1 as n`),
      db.execute(sql`select 1 / 0`),
      db.execute(sql`select 2 as n`),
      db.execute(sql`select 'x'::int`),
    ]);
    expect(before).toMatchObject({ status: "fulfilled", value: [{ n: 1 }] });
    expect(failed).toMatchObject({ reason: { code: "QUERY_FAILED", details: { sqlState: "22012" } } });
    expect(after).toMatchObject({ status: "fulfilled", value: [{ n: 2 }] });
    expect(also).toMatchObject({ reason: { details: { sqlState: "22P02" } } });
  });

  test("what work throws is rethrown and undoes the transaction", async () => {
    const name = "Undone";
    const work = module.transaction(scope, async (db) => {
      await db.insert(plantedTrees).values({ id: newId(), name });
      throw new RangeError("no");
    });
    await expect(work).rejects.toThrow(RangeError);
    expect(await module.reader(scope).select().from(plantedTrees).where(eq(plantedTrees.name, name))).toEqual([]);
  });

  test("a broken constraint is a coded error that names it and keeps parameters out of its message", async () => {
    const add = () =>
      module.transaction(scope, async (db) => {
        await db.insert(keepers).values({ id: newId(), userId: newId(), name: "Kim Secret" });
      });
    await add();
    const error = await add().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DatabaseError);
    expect(error).toMatchObject({ code: "UNIQUE_VIOLATION", details: { constraint: "keepers_name_unique" } });
    expect(String(error)).not.toContain("Kim Secret");
  });

  test("a swallowed failure cannot commit; one inside a nested transaction can", async () => {
    const insert = { id: newId(), name: "Swallowed" };
    const swallowing = module.transaction(scope, async (db) => {
      await db.insert(plantedTrees).values(insert);
      await db
        .insert(plantedTrees)
        .values(insert)
        .catch(() => {});
    });
    await expect(swallowing).rejects.toMatchObject({ code: "UNIQUE_VIOLATION" });
    await module.transaction(scope, async (db) => {
      await db.insert(plantedTrees).values(insert);
      const nested = db.transaction((inner) => inner.insert(plantedTrees).values(insert));
      await expect(nested).rejects.toMatchObject({ code: "UNIQUE_VIOLATION" });
    });
    const rows = await module.reader(scope).select().from(plantedTrees).where(eq(plantedTrees.id, insert.id));
    expect(rows).toHaveLength(1);
  });

  test("a statement after the end of its transaction is refused", async () => {
    let escaped: () => Promise<unknown> = async () => null;
    await module.transaction(scope, async (db) => {
      await db.execute(sql`select 1`);
      escaped = async () => db.execute(sql`select 1`);
    });
    await expect(escaped()).rejects.toMatchObject({ code: "TRANSACTION_OVER" });
  });

  test("the deadline stops a running statement, in readers and transactions", async () => {
    const soon = () => ({ ...scope, deadline: Date.now() + 100 });
    const start = Date.now();
    await expect(module.reader(soon()).execute(sleep(20))).rejects.toMatchObject({ code: "QUERY_DEADLINE" });
    const writing = module.transaction(soon(), async (db) => db.execute(sleep(20)));
    await expect(writing).rejects.toMatchObject({ code: "QUERY_DEADLINE" });
    expect(Date.now() - start).toBeLessThan(15_000);
    await expect(module.reader({ ...scope, deadline: Date.now() - 1 }).execute(sleep(0))).rejects.toMatchObject({
      code: "QUERY_DEADLINE",
    });
  });

  test("aborting the signal cancels the running statement on the server", async () => {
    const leave = new AbortController();
    setTimeout(() => leave.abort(), 100);
    const reading = module.reader({ ...scope, signal: leave.signal }).execute(sql`select pg_sleep(20) /* abandoned */`);
    await expect(reading).rejects.toMatchObject({ code: "QUERY_CANCELLED" });
    const running = await database.admin`
      select 1 from pg_stat_activity where query like '%abandoned%' and state = 'active' and pid <> pg_backend_pid()`;
    expect(running).toHaveLength(0);
    await expect(module.reader({ ...scope, signal: leave.signal }).execute(sleep(0))).rejects.toMatchObject({
      code: "QUERY_CANCELLED",
    });
    expect(await module.reader(scope).execute(sql`select 1 as n`)).toMatchObject([{ n: 1 }]);
  });

  test("cancelling one request never hits the next one on the same connection", async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const leave = new AbortController();
        if (index % 2 === 0) setTimeout(() => leave.abort(), Math.random() * 8);
        await new Promise((resolve) => setTimeout(resolve, index * 2));
        return module
          .reader({ ...scope, signal: leave.signal })
          .execute(sleep(0.002))
          .then(
            () => "done",
            (error: DatabaseError) => (index % 2 === 0 || error.code === "DATABASE_BUSY" ? "given up" : error.code),
          );
      }),
    );
    expect(new Set(outcomes)).toEqual(new Set(["done", "given up"]));
  });

  test("work beyond connections and queue is refused at once, the queue itself is served", async () => {
    const work = Array.from({ length: 12 }, () => module.transaction(scope, async (db) => db.execute(sleep(0.2))));
    const outcomes = await Promise.allSettled(work);
    const refused = outcomes.filter((outcome) => outcome.status === "rejected");
    expect(refused).toHaveLength(4);
    for (const { reason } of refused) {
      expect(reason).toMatchObject({ code: "DATABASE_BUSY", details: { retryAfterMs: expect.any(Number) } });
    }
    expect(database.stats()).toEqual({ inUse: 0, waiting: 0, size: 4 });
  });

  test("a scope whose ids are not UUIDs is refused", async () => {
    expect(() => module.reader({ tenantId: "'; drop table x" })).toThrow(DatabaseError);
    await expect(module.transaction({ tenantId: "x" }, async () => 1)).rejects.toMatchObject({ code: "INVALID_SCOPE" });
  });

  test("values of every kind come back as they went", async () => {
    const db = module.reader(scope);
    const [row] = await db.execute(sql`
      select ${true}::bool as yes, ${null}::text as nothing, ${'a"\\b'}::text as quoted, ${12}::int as n,
             ${"0.1234567890123456789"}::numeric as exact, ${JSON.stringify({ a: [1] })}::jsonb as json,
             ${'{"a b",NULL,"c\\"d"}'}::text[] as list, '2026-01-02 03:04:05.123456+00'::timestamptz as at,
             ${Buffer.from("hi")}::bytea as bytes, 9007199254740993::bigint as large`);
    expect(row).toEqual({
      yes: true,
      nothing: null,
      quoted: 'a"\\b',
      n: 12,
      exact: "0.1234567890123456789",
      json: { a: [1] },
      list: ["a b", null, 'c"d'],
      at: "2026-01-02 03:04:05.123456+00",
      bytes: Buffer.from("hi"),
      large: "9007199254740993",
    });
  });

  test("a Date in a raw statement and JSON through the owner's client work side by side", async () => {
    const date = new Date("2026-01-02T03:04:05.000Z");
    const [row] = await module.reader(scope).execute(sql`select ${date}::timestamptz as at`);
    expect(row).toEqual({ at: "2026-01-02 03:04:05+00" });
    const { admin } = database;
    expect(await admin`select ${admin.json({ a: 1 })} as json, ${date}::timestamptz as at`).toMatchObject([
      { json: { a: 1 }, at: date },
    ]);
  });
});
