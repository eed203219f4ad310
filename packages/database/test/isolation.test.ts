import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Database, newId } from "../src/index.js";
import { createTestDatabase } from "../src/testing/index.js";
import { nests } from "./modules/birds/tables.js";
import { birds, trees } from "./modules/index.js";
import { keepers, nurseries, plantedTrees, species } from "./modules/trees/tables.js";

const tenantA = { tenantId: newId() };
const tenantB = { tenantId: newId() };
const nobody = { tenantId: null };

describe("rows and their tenants", () => {
  let database: Database;
  let module: ReturnType<Database["forModule"]>;
  const oak = { id: newId(), name: "Oak" };

  beforeAll(async () => {
    database = await createTestDatabase([trees, birds]);
    module = database.forModule("trees");
    await module.transaction(tenantA, async (db) => {
      await db.insert(plantedTrees).values(oak);
    });
  });
  afterAll(() => database?.close());

  test("a tenant reads its own rows, which carry its id without being told", async () => {
    const rows = await module.reader(tenantA).select().from(plantedTrees);
    expect(rows).toMatchObject([{ id: oak.id, tenantId: tenantA.tenantId }]);
  });

  test("a tenant never reads another tenant's rows", async () => {
    expect(await module.reader(tenantB).select().from(plantedTrees)).toEqual([]);
  });

  test("without a tenant nothing is visible", async () => {
    expect(await module.reader(nobody).select().from(plantedTrees)).toEqual([]);
  });

  test("a tenant changes its own rows but cannot change or delete another's", async () => {
    const rename = (scope: typeof tenantA) =>
      module.transaction(scope, async (db) =>
        db.update(plantedTrees).set({ name: "Old oak" }).where(eq(plantedTrees.id, oak.id)).returning(),
      );
    expect(await rename(tenantB)).toEqual([]);
    expect(await rename(tenantA)).toHaveLength(1);
    const felled = await module.transaction(tenantB, async (db) => db.delete(plantedTrees).returning());
    expect(felled).toEqual([]);
  });

  test("an insert with another tenant's id is refused, one with its own id is not", async () => {
    const plant = (tenantId: string) =>
      module.transaction(tenantA, async (db) => {
        await db.insert(plantedTrees).values({ id: newId(), name: "Elm", tenantId });
      });
    await expect(plant(tenantB.tenantId)).rejects.toMatchObject({ code: "ACCESS_REFUSED" });
    await expect(plant(tenantA.tenantId)).resolves.toBeUndefined();
  });

  test("an insert without tenant is refused", async () => {
    const plant = module.transaction(nobody, async (db) =>
      db.insert(plantedTrees).values({ id: newId(), name: "Ash" }),
    );
    await expect(plant).rejects.toMatchObject({ code: "ACCESS_REFUSED" });
  });

  test("alsoVisible rows are read by their person in another tenant, and not changed", async () => {
    const person = newId();
    await module.transaction(tenantA, async (db) => {
      await db.insert(keepers).values({ id: newId(), userId: person, name: "Kim" });
    });
    const elsewhere = { tenantId: tenantB.tenantId, actorId: person };
    expect(await module.reader(elsewhere).select().from(keepers)).toHaveLength(1);
    expect(
      await module
        .reader({ ...elsewhere, actorId: newId() })
        .select()
        .from(keepers),
    ).toEqual([]);
    const changed = await module.transaction(elsewhere, async (db) =>
      db.update(keepers).set({ name: "K" }).returning(),
    );
    expect(changed).toEqual([]);
  });

  test("reference rows of a shared table are read by all, written by the owner only", async () => {
    await database.admin`insert into trees.species (id, latin) values (${newId()}, 'Quercus robur')`;
    await module.transaction(tenantA, async (db) => {
      await db.insert(species).values({ id: newId(), latin: "Quercus nostra" });
    });
    expect(await module.reader(tenantA).select().from(species)).toHaveLength(2);
    expect(await module.reader(tenantB).select().from(species)).toMatchObject([{ latin: "Quercus robur" }]);
    const asReference = module.transaction(tenantA, async (db) =>
      db.insert(species).values({ id: newId(), latin: "Quercus falsa", tenantId: null }),
    );
    await expect(asReference).rejects.toMatchObject({ code: "ACCESS_REFUSED" });
  });

  test("global rows are everybody's within the module", async () => {
    await module.transaction(tenantA, async (db) => {
      await db.insert(nurseries).values({ id: newId(), name: "Green" });
    });
    expect(await module.reader(tenantB).select().from(nurseries)).toHaveLength(1);
  });

  test("a module's role reads its own schema and no other module's", async () => {
    expect(await database.forModule("birds").reader(tenantA).select().from(nests)).toEqual([]);
    const foreign = database.forModule("birds").reader(tenantA).select().from(plantedTrees);
    await expect(foreign).rejects.toMatchObject({ code: "ACCESS_REFUSED" });
  });

  test("the login role has no rights until it takes a module's role", async () => {
    const rights = await database.admin`
      select has_schema_privilege('tessera_app', 'trees', 'usage') as schema,
             has_table_privilege('tessera_app', 'trees.planted_trees', 'select') as table`;
    expect(rights).toMatchObject([{ schema: false, table: false }]);
  });

  test("row-level security is forced on every table that has a tenant", async () => {
    const open = await database.admin`
      select c.oid::regclass::text as name from pg_class c join pg_attribute a on a.attrelid = c.oid
       where a.attname = 'tenant_id' and c.relkind = 'r' and not (c.relrowsecurity and c.relforcerowsecurity)`;
    const guarded = await database.admin`select count(*)::int as n from pg_class where relforcerowsecurity`;
    expect(open).toEqual([]);
    expect(guarded).toMatchObject([{ n: 4 }]);
  });

  test("settings end with their transaction", async () => {
    const [row] = await module.reader(tenantA).execute(sql`select current_user as role`);
    expect(row).toMatchObject({ role: "tessera_trees" });
    expect(await module.reader(nobody).select().from(plantedTrees)).toEqual([]);
  });
});
