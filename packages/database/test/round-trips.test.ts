import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Database, newId, openDatabase, type TenantDb } from "../src/index.js";
import { createTestDatabase } from "../src/testing/index.js";
import { trees } from "./modules/index.js";
import { plantedTrees } from "./modules/trees/tables.js";
import { type Relay, startRelay } from "./relay.js";

const scope = { tenantId: newId() };

describe("round trips between process and server", () => {
  let owner: Database;
  let relay: Relay;
  let database: Database;
  let module: ReturnType<Database["forModule"]>;

  beforeAll(async () => {
    owner = await createTestDatabase([trees]);
    relay = await startRelay(owner.url);
    database = await openDatabase({ url: relay.url, poolSize: 1 });
    module = database.forModule("trees");
    await module.reader(scope).execute(sql`select 1`);
  });
  afterAll(async () => {
    await database?.close();
    await relay?.close();
    await owner?.close();
  });

  const count = async (work: () => PromiseLike<unknown>) => {
    const before = relay.roundTrips();
    await work();
    return relay.roundTrips() - before;
  };
  const byName = (db: TenantDb, name: string) => db.select().from(plantedTrees).where(eq(plantedTrees.name, name));
  const plant = (db: TenantDb) => db.insert(plantedTrees).values({ id: newId(), name: "Oak" });

  test("a read is one round trip, also the first time its statement is seen", async () => {
    expect(await count(() => byName(module.reader(scope), "first"))).toBe(1);
    expect(await count(() => byName(module.reader(scope), "second"))).toBe(1);
    expect(await count(() => byName(module.reader(scope), "third, prepared by now"))).toBe(1);
  });

  test("reads of the same turn share one round trip, however many promises lie between them", async () => {
    const db = module.reader(scope);
    const later = async () => {
      for (let step = 0; step < 20; step += 1) await null;
      return byName(db, "c");
    };
    expect(await count(() => Promise.all([byName(db, "a"), byName(db, "b"), later()]))).toBe(1);
  });

  test("a transaction of one awaited statement is two round trips: begin and settings with it, commit alone", async () => {
    const awaited = () => module.transaction(scope, async (db) => await plant(db));
    expect(await count(awaited)).toBe(2);
  });

  test("a transaction that returns its only query unawaited is one round trip", async () => {
    expect(await count(() => module.transaction(scope, (db) => plant(db)))).toBe(1);
    expect(await count(() => module.transaction(scope, (db) => plant(db).returning()))).toBe(1);
  });

  test("statements not awaited travel with the commit, and their failure fails the transaction", async () => {
    const id = newId();
    const twice = (ids: readonly string[]) =>
      module.transaction(scope, async (db) => {
        await plant(db);
        for (const each of ids)
          db.insert(plantedTrees)
            .values({ id: each, name: "Twin" })
            .catch(() => {});
      });
    expect(await count(() => twice([id]))).toBe(2);
    await expect(twice([newId(), id])).rejects.toMatchObject({ code: "UNIQUE_VIOLATION" });
    expect(await module.reader(scope).select().from(plantedTrees).where(eq(plantedTrees.name, "Twin"))).toHaveLength(1);
  });

  test("also when some promises lie between the end of the work and the statement", async () => {
    const late = () =>
      module.transaction(scope, async (db) => {
        await plant(db);
        const after = async () => {
          for (let step = 0; step < 50; step += 1) await null;
          await plant(db);
        };
        after().catch(() => {});
      });
    const before = await module.reader(scope).select().from(plantedTrees);
    expect(await count(late)).toBe(2);
    expect(await module.reader(scope).select().from(plantedTrees)).toHaveLength(before.length + 2);
  });

  test("a transaction without statements never reaches the server", async () => {
    expect(await count(() => module.transaction(scope, async () => "nothing"))).toBe(0);
  });
});
