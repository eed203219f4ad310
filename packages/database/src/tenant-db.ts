/**
 * Drizzle over statements of ours. Drizzle gets a client made of two functions instead of a real one, so it can neither
 * change a real client's settings nor bypass role and tenant.
 */
import { DrizzleQueryError, type ExtractTablesWithRelations } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import { PostgresJsDatabase, PostgresJsSession, PostgresJsTransaction } from "drizzle-orm/postgres-js";
import type postgres from "postgres";
import type { TenantDb } from "./contract.js";
import { DatabaseError } from "./errors.js";
import type { Rows, Shape } from "./line.js";

export interface StatementRunner {
  run(text: string, parameters: readonly unknown[], shape: Shape): Promise<Rows>;
  /** A part of the transaction that may fail by itself (savepoint). */
  nested<T>(work: () => Promise<T>): Promise<T>;
}

type NoTables = Record<string, never>;
const dialect = new PgDialect();

export function tenantDb(runner: StatementRunner): TenantDb {
  return new PostgresJsDatabase<NoTables>(
    dialect as never,
    new TenantSession(clientOver(runner), dialect, undefined) as never,
    undefined,
  );
}

/** The part of a postgres.js client that Drizzle uses. */
function clientOver(runner: StatementRunner): postgres.Sql {
  const client = {
    options: { parsers: {}, serializers: {} },
    unsafe: (text: string, parameters: readonly unknown[] = []) => ({
      values: () => runner.run(text, parameters, "values"),
      // biome-ignore lint/suspicious/noThenProperty: postgres.js queries are promises that start when awaited.
      then: (resolve: (rows: Rows) => unknown, reject: (error: unknown) => unknown) =>
        runner.run(text, parameters, "rows").then(resolve, reject),
    }),
    begin: (work: (client: unknown) => Promise<unknown>) => runner.nested(() => work(client)),
    savepoint: (work: (client: unknown) => Promise<unknown>) => runner.nested(() => work(client)),
  };
  return client as unknown as postgres.Sql;
}

type Nested = PostgresJsTransaction<NoTables, ExtractTablesWithRelations<NoTables>>;

/** Drizzle wraps every error together with the statement's parameters, which must not reach logs: ours stay as they are. */
class TenantSession extends PostgresJsSession<postgres.Sql, NoTables, ExtractTablesWithRelations<NoTables>> {
  override prepareQuery(...args: Parameters<PostgresJsSession<postgres.Sql, NoTables, NoTables>["prepareQuery"]>) {
    const prepared = super.prepareQuery(...args);
    const execute = prepared.execute.bind(prepared);
    prepared.execute = (values) => execute(values).catch(throwPlain);
    return prepared as never;
  }

  override transaction<T>(work: (tx: Nested) => Promise<T>): Promise<T> {
    return this.client.begin(() => work(new PostgresJsTransaction(dialect, this as never, undefined))) as Promise<T>;
  }
}

function throwPlain(error: unknown): never {
  throw plain(error);
}

/** The coded error inside Drizzle's wrapper. */
export function plain(error: unknown): unknown {
  return error instanceof DrizzleQueryError && error.cause instanceof DatabaseError ? error.cause : error;
}
