import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { integer, pgSchema, text, uuid } from "drizzle-orm/pg-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Database, type ModuleTables, moduleSchema, newId, openDatabase } from "../src/index.js";
import { checkMigrations, generateMigration } from "../src/migrations.js";
import { createTestDatabase } from "../src/testing/index.js";
import { birds, trees } from "./modules/index.js";
import { startRelay } from "./relay.js";

describe("migrating", () => {
  let database: Database;
  let folder: string;
  let movable: ModuleTables;

  beforeEach(async () => {
    database = await createTestDatabase([]);
    folder = await mkdtemp(join(tmpdir(), "tessera-migrations-"));
    await cp(fileURLToPath(birds.migrations), folder, { recursive: true });
    movable = { ...birds, migrations: pathToFileURL(`${folder}/`) };
  });
  afterEach(async () => {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });

  const applied = async () =>
    (await database.admin`select module, name from kernel.migration order by 1, 2`).map(
      (row) => `${row.module}/${row.name}`,
    );

  test("applies what is new, in order, once", async () => {
    await database.migrate([movable]);
    await writeFile(join(folder, "0002_more.sql"), 'alter table "birds"."nests" add column "eggs" integer');
    await database.migrate([movable, trees]);
    await database.migrate([movable, trees]);
    expect(await applied()).toEqual(["birds/0001_create", "birds/0002_more", "trees/0001_create"]);
  });

  test("costs one query when nothing changed", async () => {
    await database.migrate([trees, birds]);
    const relay = await startRelay(database.url);
    const other = await openDatabase({ url: relay.url, poolSize: 1 });
    // Its connection stands and knows the statement.
    await other.migrate([trees, birds]);
    const lines: string[] = [];
    const before = relay.roundTrips();
    await other.migrate([trees, birds], (line) => lines.push(line));
    expect(relay.roundTrips() - before).toBe(1);
    expect(lines).toEqual([]);
    await other.close();
    await relay.close();
  });

  test("two processes at once do it once", async () => {
    const other = await openDatabase({ url: database.url, poolSize: 1 });
    const lines: string[] = [];
    await Promise.all([database, other].map((each) => each.migrate([trees, birds], (line) => lines.push(line))));
    await other.close();
    expect(lines.sort()).toEqual(["Migrating birds: 0001_create", "Migrating trees: 0001_create"]);
  });

  test("a changed, a missing and a late migration are refused, and nothing is done", async () => {
    await database.migrate([movable]);
    const file = join(folder, "0001_create.sql");
    const original = await readFile(file, "utf8");
    await writeFile(file, `${original}\n-- more`);
    await expect(database.migrate([movable])).rejects.toMatchObject({ code: "MIGRATION_CHANGED" });
    await writeFile(file, original.replaceAll("\n", "\r\n"));
    await expect(database.migrate([movable])).resolves.toBeUndefined();
    await rm(file);
    await expect(database.migrate([movable])).rejects.toMatchObject({ code: "MIGRATION_MISSING" });
    await writeFile(file, original);
    await writeFile(join(folder, "0000_late.sql"), "select 1");
    await expect(database.migrate([movable])).rejects.toMatchObject({ code: "MIGRATION_CHANGED" });
  });

  test("a failing migration is undone as a whole and can be corrected", async () => {
    const file = join(folder, "0002_broken.sql");
    await writeFile(file, 'create table "birds"."eggs" (id uuid);\n--> statement-breakpoint\nselect nonsense');
    await expect(database.migrate([movable])).rejects.toMatchObject({ code: "MIGRATION_FAILED" });
    expect(await database.admin`select to_regclass('birds.eggs') as t`).toEqual([{ t: null }]);
    await rm(file);
    await expect(database.migrate([movable])).resolves.toBeUndefined();
  });

  test("a table in the schema that nobody declared is refused, one that is declared and missing too", async () => {
    await writeFile(join(folder, "0002_stray.sql"), 'create table "birds"."stray" (id uuid)');
    await expect(database.migrate([movable])).rejects.toThrow(/"stray" is in the database but not declared/);
    await rm(join(folder, "0002_stray.sql"));
    const { globalTable } = moduleSchema("birds");
    const more = { ...movable, tables: { ...movable.tables, songs: globalTable("songs", { id: uuid("id") }) } };
    await expect(database.migrate([more])).rejects.toThrow(/"songs" is declared but not in the database/);
  });

  test("a table made without moduleSchema is refused", async () => {
    const plain = pgSchema("birds").table("plain", { id: uuid("id") });
    const tables = { ...movable, tables: { ...movable.tables, plain } };
    await expect(database.migrate([tables])).rejects.toMatchObject({ code: "INVALID_TABLES" });
  });

  test("a foreign key into another module's schema is refused", async () => {
    const key = 'alter table "birds"."nests" add foreign key (id) references "trees"."nurseries" (id)';
    await writeFile(join(folder, "0002_key.sql"), key);
    await expect(database.migrate([trees, movable])).rejects.toThrow(/leads to another module's schema/);
  });

  test("policies added by hand are gone after the next change", async () => {
    await database.migrate([movable]);
    await database.admin`create policy leak on birds.nests using (true)`;
    await writeFile(join(folder, "0002_more.sql"), 'alter table "birds"."nests" add column "eggs" integer');
    await database.migrate([movable]);
    const policies = await database.admin`select policyname from pg_policies where schemaname = 'birds' order by 1`;
    expect(policies.map((row) => row.policyname)).toEqual(["tessera_owner", "tessera_tenant"]);
  });
});

describe("generating migrations", () => {
  let folder: string;
  let database: Database;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "tessera-migrations-"));
    database = await createTestDatabase([]);
  });
  afterAll(async () => {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });

  const { schema, tenantTable } = moduleSchema("bee-hives");
  const kind = schema.enum("kind", ["WILD", "KEPT"]);
  const columns = { id: uuid("id").primaryKey(), name: text("name").notNull(), kind: kind("kind").notNull() };
  const first = { kind, hives: tenantTable("hives", columns) };
  const second = { kind, hives: tenantTable("hives", { ...columns, frames: integer("frames") }) };
  const request = (tables: Record<string, unknown>) => ({ module: "bee-hives", tables, migrationsDir: folder });
  const module = (tables: Record<string, unknown>) => ({
    name: "bee-hives",
    migrations: pathToFileURL(`${folder}/`),
    tables,
  });

  test("writes numbered files that migrate to the tables, defaults included", async () => {
    const created = await generateMigration({ ...request(first), name: "Create hives" });
    expect(created?.file).toBe(join(folder, "0001_create_hives.sql"));
    expect(created?.statements.join()).not.toMatch(/create schema/i);
    await database.migrate([module(first)]);
    const scope = { tenantId: newId() };
    await database.forModule("bee-hives").transaction(scope, async (db) => {
      await db.insert(first.hives).values({ id: newId(), name: "A", kind: "WILD" });
    });
    expect(await database.forModule("bee-hives").reader(scope).select().from(first.hives)).toMatchObject([scope]);
  });

  test("tells what is missing until the next migration is written, then nothing", async () => {
    expect(await checkMigrations(request(first))).toEqual([]);
    expect(await checkMigrations(request(second))).toEqual([expect.stringContaining('"frames" integer')]);
    const added = await generateMigration({ ...request(second), name: "frames" });
    expect(added?.file).toBe(join(folder, "0002_frames.sql"));
    expect(await generateMigration({ ...request(second), name: "again" })).toBeNull();
    await expect(database.migrate([module(second)])).resolves.toBeUndefined();
  });

  test("refuses to guess whether a column was renamed", async () => {
    const { name: _, ...rest } = columns;
    const renamed = { kind, hives: tenantTable("hives", { ...rest, title: text("title"), frames: integer("frames") }) };
    await expect(checkMigrations(request(renamed))).rejects.toMatchObject({ code: "MIGRATION_FAILED" });
  });
});
