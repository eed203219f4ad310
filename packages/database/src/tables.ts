/**
 * Tables of one module. The kind of a table says whose its rows are; `migrate` turns that into row-level security and
 * refuses tables that do not say.
 */
import { type BuildColumns, type BuildExtraConfigColumns, is, type SQL, sql } from "drizzle-orm";
import {
  getTableConfig,
  type PgColumnBuilderBase,
  type PgSchema,
  PgTable,
  type PgTableExtraConfigValue,
  type PgTableWithColumns,
  pgSchema,
  uuid,
} from "drizzle-orm/pg-core";
import { DatabaseError } from "./errors.js";

export type TableKind = "tenant" | "shared" | "global";
type Columns = Record<string, PgColumnBuilderBase>;

/** The tenant the running transaction works for; null outside of any. */
export const currentTenant: SQL = sql`nullif(current_setting('tessera.tenant', true), '')::uuid`;

const tenantId = () => uuid("tenant_id").notNull().default(currentTenant);
const optionalTenantId = () => uuid("tenant_id").default(currentTenant);

type Table<Name extends string, Own extends Columns> = PgTableWithColumns<{
  name: Name;
  schema: string;
  columns: BuildColumns<Name, Own, "pg">;
  dialect: "pg";
}>;
type Extra<Name extends string, Own extends Columns> = (
  self: BuildExtraConfigColumns<Name, Own, "pg">,
) => PgTableExtraConfigValue[];
type TenantOwned = { tenantId: ReturnType<typeof tenantId> };
type Shareable = { tenantId: ReturnType<typeof optionalTenantId> };

export interface TenantTableOptions {
  /** Rows that may also be read, beside the tenant's own: `user_id = nullif(current_setting('tessera.user', true), '')::uuid`. */
  readonly alsoVisible?: SQL;
}

export interface ModuleSchema {
  readonly schema: PgSchema;
  /** Rows belong to one tenant: adds `tenantId`, filled in by the database, and row-level security that nobody evades. */
  tenantTable<Name extends string, Own extends Columns>(
    name: Name,
    columns: Own,
    extra?: Extra<Name, Own & TenantOwned>,
    options?: TenantTableOptions,
  ): Table<Name, Own & TenantOwned>;
  /** Rows without tenant are reference data that everybody reads and only the owner writes; others are their tenant's. */
  sharedTable<Name extends string, Own extends Columns>(
    name: Name,
    columns: Own,
    extra?: Extra<Name, Own & Shareable>,
  ): Table<Name, Own & Shareable>;
  /** Rows of no tenant: the module itself answers for who sees what. */
  globalTable<Name extends string, Own extends Columns>(
    name: Name,
    columns: Own,
    extra?: Extra<Name, Own>,
  ): Table<Name, Own>;
}

export interface TableFacts {
  readonly kind: TableKind;
  readonly alsoVisible?: SQL;
}

const factsKey = Symbol.for("tessera.database.table");

/** What was declared about a table; undefined for one made without `moduleSchema`. */
export function factsOf(table: PgTable): TableFacts | undefined {
  return (table as { [factsKey]?: TableFacts })[factsKey];
}

/** The module's tables among the exports of its tables.ts. */
export function tablesAmong(exports: Record<string, unknown>): PgTable[] {
  return [...new Set(Object.values(exports).filter((value): value is PgTable => is(value, PgTable)))];
}

/** PostgreSQL schema of a module: its name with `-` as `_`. */
export function schemaOf(module: string): string {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(module) || module.length > 50) {
    throw new DatabaseError(
      "INVALID_TABLES",
      `"${module}" cannot name a module: use lower-case words joined by "-", at most 50 characters.`,
    );
  }
  return module.replaceAll("-", "_");
}

/** Role a module works as. */
export function roleOf(module: string): string {
  return `tessera_${schemaOf(module)}`;
}

/**
 * Tables of one module in its own PostgreSQL schema.
 *
 *     const { tenantTable } = moduleSchema("sites");
 *     export const sites = tenantTable("sites", { id: uuid("id").primaryKey(), name: text("name").notNull() });
 */
export function moduleSchema(module: string): ModuleSchema {
  const schema = pgSchema(schemaOf(module));
  const declare = (facts: TableFacts, name: string, columns: Columns, extra?: unknown) => {
    const table = schema.table(name, columns, extra as never);
    Object.defineProperty(table, factsKey, { value: facts });
    getTableConfig(table);
    return table as never;
  };
  return {
    schema,
    tenantTable: (name, columns, extra, options = {}) =>
      declare({ kind: "tenant", ...options }, name, { ...columns, tenantId: tenantId() }, extra),
    sharedTable: (name, columns, extra) =>
      declare({ kind: "shared" }, name, { ...columns, tenantId: optionalTenantId() }, extra),
    globalTable: (name, columns, extra) => declare({ kind: "global" }, name, columns, extra),
  };
}
