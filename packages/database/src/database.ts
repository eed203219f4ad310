/** Puts server, owner's client, pool and migrations together. */
import postgres from "postgres";
import { clientOptions, formatUrl, parseUrl, type Target } from "./connection-url.js";
import type { Database, DatabaseOptions } from "./contract.js";
import { type EmbeddedServer, startEmbedded } from "./embedded/server.js";
import { migrate } from "./migrate/migrate.js";
import { openOwner } from "./owner.js";
import { Pool } from "./pool.js";
import { createReader } from "./reader.js";
import { coded } from "./refusals.js";
import { roleOf } from "./tables.js";
import { runTransaction } from "./transaction.js";

/**
 * Opens the database: the external server at `url`, or else the embedded one, which is started and stops with this
 * handle. Call `migrate` before module work.
 *
 * @throws DatabaseError with one sentence that says what to do.
 */
export async function openDatabase(options: DatabaseOptions = {}): Promise<Database> {
  if (options.url) return connect(parseUrl(options.url), options, async () => {});
  const onProgress = options.onProgress ?? (() => {});
  const server = await startEmbedded({ dataDir: options.dataDir ?? ".tessera/postgres", onProgress });
  try {
    const target = await ensureDatabase(server, options.databaseName ?? "tessera");
    return await connect(target, options, server.stop);
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function ensureDatabase(server: EmbeddedServer, name: string): Promise<Target> {
  const sql = postgres(clientOptions(server.target, 1));
  try {
    const [found] = await sql`select 1 from pg_database where datname = ${name}`;
    if (!found) await sql`create database ${sql(name)}`;
    return { ...server.target, database: name };
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function connect(target: Target, options: DatabaseOptions, stop: () => Promise<void>): Promise<Database> {
  const { admin, appTarget, identity } = await openOwner(target);
  const poolSize = options.poolSize ?? 10;
  const pool = new Pool(appTarget, poolSize, options.maxWaiting ?? 10 * poolSize);
  let closing: Promise<void> | null = null;
  const close = async () => {
    await pool.close();
    await admin.end({ timeout: 1 });
    await stop();
  };
  return {
    url: formatUrl(target),
    identity,
    admin,
    forModule: (module) => forModule(pool, roleOf(module)),
    migrate: (modules, onProgress = options.onProgress) => migrate({ admin, modules, onProgress }),
    health: () => health(admin),
    stats: () => pool.stats(),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

function forModule(pool: Pool, role: string): ReturnType<Database["forModule"]> {
  return {
    reader: (scope) => createReader(pool, role, scope),
    transaction: (scope, work) => runTransaction(pool, role, scope, work),
  };
}

async function health(admin: postgres.Sql): ReturnType<Database["health"]> {
  const start = performance.now();
  const detail = await admin`select 1`.then(
    () => "PostgreSQL answers",
    (error) => coded(error).message,
  );
  return { ok: detail === "PostgreSQL answers", detail, latencyMs: performance.now() - start };
}
