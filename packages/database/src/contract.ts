/** What this package promises to the rest of the platform. */
import type { PostgresJsDatabase } from "drizzle-orm/postgres-js";
import type postgres from "postgres";

/** A Drizzle database bound to one tenant and person. */
export type TenantDb = PostgresJsDatabase;

/** On whose behalf statements run, and for how long. */
export interface Scope {
  /** UUID; `null` sees no tenant's rows at all. */
  readonly tenantId: string | null;
  /** UUID of the person or client acting, for rules such as "one's own rows". */
  readonly actorId?: string | null;
  /** Aborting it cancels the running statement: QUERY_CANCELLED. */
  readonly signal?: AbortSignal;
  /** Epoch milliseconds; a statement still running then is stopped: QUERY_DEADLINE. */
  readonly deadline?: number;
}

/** One module's way to its tables: it works as the module's own role and sees no other module's schema. */
export interface ModuleDatabase {
  /**
   * Reads for one tenant. Statements issued in the same turn of the event loop share one read-only transaction whose
   * begin, settings, statements and commit go out together: one round trip. A write fails with READ_ONLY.
   */
  reader(scope: Scope): TenantDb;
  /**
   * One transaction. Begin and settings travel with the first statement. The commit is a round trip of its own unless
   * `work` ends with statements it does not await, or returns a query it did not await: those travel with the commit.
   * Rolls back when `work` throws; retries nothing. A transaction without statements never reaches the database.
   */
  transaction<T>(scope: Scope, work: (db: TenantDb) => PromiseLike<T>): Promise<T>;
}

/** One module's tables and how they come to be. */
export interface ModuleTables {
  readonly name: string;
  /** Folder of `NNNN_<name>.sql` files. */
  readonly migrations: URL;
  /** What the module's tables.ts exports; anything that is not a table is ignored. */
  readonly tables: Record<string, unknown>;
}

export interface Database {
  /** How another process reaches the same database, as owner. libpq understands it too. */
  readonly url: string;
  /** Twelve hexadecimal digits: the same in every process that uses this database, others for a copy of it. */
  readonly identity: string;
  forModule(module: string): ModuleDatabase;
  /** Roles, schemas, migrations, row-level security and grants. Idempotent; one query when nothing changed. */
  migrate(modules: readonly ModuleTables[], onProgress?: (line: string) => void): Promise<void>;
  /** As owner, outside of any tenant: migrations, reference data, the relay. Never give this client to Drizzle. */
  readonly admin: postgres.Sql;
  health(): Promise<{ ok: boolean; detail: string; latencyMs: number }>;
  stats(): { inUse: number; waiting: number; size: number };
  /** Ends all connections, and the embedded server if this handle started it. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** External server, version 15 or newer, as a role that may create roles. Default: the embedded PostgreSQL 18. */
  readonly url?: string;
  /** Embedded only. Default ".tessera/postgres". */
  readonly dataDir?: string;
  /** Embedded only. Default "tessera". */
  readonly databaseName?: string;
  /** Connections for module work. Default 10. */
  readonly poolSize?: number;
  /** Transactions that may wait for a connection before others are refused with DATABASE_BUSY. Default 10 × poolSize. */
  readonly maxWaiting?: number;
  /** One line per step of a slow start, for a person to read. */
  readonly onProgress?: (line: string) => void;
}
