/**
 * Throw-away databases for tests. Each is a copy of a template that holds the migrated, empty tables of the modules asked
 * for; the template's name is a hash of their migrations and tables, so it is made once per server and state.
 */
import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { clientOptions, formatUrl, parseUrl, type Target } from "../connection-url.js";
import type { Database, DatabaseOptions, ModuleTables } from "../contract.js";
import { openDatabase } from "../database.js";
import { DatabaseError } from "../errors.js";
import { fingerprintOf } from "../migrate/migrate.js";

/** A migrated, empty database of one's own on the test server, dropped on close. */
export async function createTestDatabase(
  modules: readonly ModuleTables[],
  options: Pick<DatabaseOptions, "poolSize" | "maxWaiting"> = {},
): Promise<Database> {
  const url = process.env.TESSERA_TEST_DATABASE_URL;
  if (!url) {
    throw new DatabaseError(
      "DATABASE_UNAVAILABLE",
      "TESSERA_TEST_DATABASE_URL is not set: call startTestServer() in the global set-up of the tests.",
    );
  }
  const server = parseUrl(url);
  const name = `tessera_test_${randomBytes(6).toString("hex")}`;
  const sql = postgres({ ...clientOptions(server, 1), max_lifetime: null });
  try {
    const template = await ensureTemplate(sql, server, modules);
    await sql.unsafe(`create database ${name} template ${template}`);
    const database = await openDatabase({ ...options, url: formatUrl({ ...server, database: name }) });
    const close = async () => {
      await database.close();
      await sql.unsafe(`drop database if exists ${name} with (force)`);
      await sql.end({ timeout: 1 });
    };
    let closing: Promise<void> | null = null;
    return {
      ...database,
      close: () => {
        closing ??= close();
        return closing;
      },
    };
  } catch (error) {
    await sql.end({ timeout: 1 });
    throw error;
  }
}

/** Made under a draft name and renamed when whole, by one process; others wait for the lock and find it. */
async function ensureTemplate(sql: postgres.Sql, server: Target, modules: readonly ModuleTables[]): Promise<string> {
  const name = `tessera_template_${(await fingerprintOf(modules)).slice(0, 16)}`;
  const exists = async () => (await sql`select 1 from pg_database where datname = ${name}`).length > 0;
  if (await exists()) return name;
  await sql`select pg_advisory_lock(hashtext(${name}))`;
  try {
    if (await exists()) return name;
    const draft = `${name}_draft`;
    await sql.unsafe(`drop database if exists ${draft} with (force)`);
    await sql.unsafe(`create database ${draft}`);
    const database = await openDatabase({ url: formatUrl({ ...server, database: draft }), poolSize: 1 });
    await database.migrate(modules).finally(() => database.close());
    await sql.unsafe(`alter database ${draft} rename to ${name}`);
    return name;
  } finally {
    await sql`select pg_advisory_unlock(hashtext(${name}))`;
  }
}
