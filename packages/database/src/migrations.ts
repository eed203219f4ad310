/**
 * Writes migrations from tables, with drizzle-kit. Only tools use this entry point: a running server never loads
 * drizzle-kit.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { is } from "drizzle-orm";
import { isPgEnum, isPgSequence, PgTable } from "drizzle-orm/pg-core";
import { DatabaseError } from "./errors.js";
import { declaredTables } from "./migrate/hardening.js";
import { breakpoint, readMigrations } from "./migrate/migration-files.js";
import { moduleSchema, schemaOf } from "./tables.js";

export interface MigrationRequest {
  readonly module: string;
  /** What the module's tables.ts exports. */
  readonly tables: Record<string, unknown>;
  readonly migrationsDir: string | URL;
}

type Kit = typeof import("drizzle-kit/api");
type Snapshot = ReturnType<Kit["generateDrizzleJson"]>;

/**
 * Writes `NNNN_<name>.sql` and `meta/snapshot.json`; null when the tables have not changed.
 *
 * @throws DatabaseError INVALID_TABLES for tables that `migrate` would refuse, MIGRATION_FAILED for a change that could
 * be a rename: write that one by hand.
 */
export async function generateMigration(
  request: MigrationRequest & { readonly name: string },
): Promise<{ file: string; statements: readonly string[] } | null> {
  const folder = pathOf(request.migrationsDir);
  const { statements, snapshot } = await difference(request, folder);
  if (statements.length === 0) return null;
  const last = (await readMigrations(folder)).at(-1)?.name ?? "0000";
  const number = String(Number(last.slice(0, 4)) + 1).padStart(4, "0");
  const name =
    request.name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "_")
      .replace(/^_|_$/g, "") || "change";
  const file = join(folder, `${number}_${name}.sql`);
  await mkdir(join(folder, "meta"), { recursive: true });
  await writeFile(file, `${statements.join(`\n${breakpoint}\n`)}\n`, { flag: "wx" });
  await writeFile(snapshotPath(folder), `${JSON.stringify(snapshot, null, 2)}\n`);
  return { file, statements };
}

/** Statements that the migrations lack; empty when they match the tables. */
export async function checkMigrations(request: MigrationRequest): Promise<readonly string[]> {
  const { statements } = await difference(request, pathOf(request.migrationsDir));
  return statements;
}

async function difference(request: MigrationRequest, folder: string) {
  declaredTables(request.module, request.tables);
  const kit = await loadKit();
  const previous = await readSnapshot(kit, folder);
  const snapshot = kit.generateDrizzleJson(declarations(request), previous.id);
  const all = await kit.generateMigration(previous, snapshot).catch((cause: unknown) => {
    throw new DatabaseError(
      "MIGRATION_FAILED",
      `The change of module "${request.module}" could be a rename, which cannot be told from the tables: remove first and add in a second migration, or write it by hand.`,
      { cause },
    );
  });
  // migrate() creates the schema itself.
  return { statements: all.filter((statement) => !/^CREATE SCHEMA /i.test(statement)), snapshot };
}

function declarations({ module, tables }: MigrationRequest): Record<string, unknown> {
  const kept = Object.entries(tables).filter(
    ([, value]) => is(value, PgTable) || isPgEnum(value) || isPgSequence(value),
  );
  return { ...Object.fromEntries(kept), [schemaOf(module)]: moduleSchema(module).schema };
}

async function loadKit(): Promise<Kit> {
  try {
    return await import("drizzle-kit/api");
  } catch (cause) {
    throw new DatabaseError(
      "MIGRATION_FAILED",
      'Migrations are written with drizzle-kit, which is not installed: run "npm install" with development dependencies.',
      { cause },
    );
  }
}

async function readSnapshot(kit: Kit, folder: string): Promise<Snapshot> {
  const text = await readFile(snapshotPath(folder), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  return text === null ? kit.generateDrizzleJson({}) : (JSON.parse(text) as Snapshot);
}

function snapshotPath(folder: string): string {
  return join(folder, "meta", "snapshot.json");
}

function pathOf(folder: string | URL): string {
  return folder instanceof URL ? fileURLToPath(folder) : folder;
}
