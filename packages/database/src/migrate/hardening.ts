/**
 * Brings rights and row-level security of a module's schema in line with what its tables declare. Everything in the
 * schema must be declared: an undeclared table could hold rows that no policy guards.
 *
 * The owner gets a policy that lets it see all rows. FORCE would otherwise hide them from an owner that is no superuser:
 * its data migrations would silently change nothing and its foreign keys would fail.
 */
import { getTableConfig, PgDialect, type PgTable } from "drizzle-orm/pg-core";
import type postgres from "postgres";
import { DatabaseError } from "../errors.js";
import { factsOf, roleOf, schemaOf, type TableKind, tablesAmong } from "../tables.js";

export interface DeclaredTable {
  readonly name: string;
  readonly kind: TableKind;
  /** SQL condition, or null. */
  readonly alsoVisible: string | null;
}

const ownRows = "tenant_id = nullif(current_setting('tessera.tenant', true), '')::uuid";
const dialect = new PgDialect();
const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** @throws DatabaseError INVALID_TABLES for a table without kind or of another module's schema. */
export function declaredTables(module: string, exports: Record<string, unknown>): DeclaredTable[] {
  return tablesAmong(exports)
    .map((table) => declaredTable(module, table))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function declaredTable(module: string, table: PgTable): DeclaredTable {
  const { name, schema } = getTableConfig(table);
  const facts = factsOf(table);
  if (!facts || schema !== schemaOf(module)) {
    throw invalid(
      module,
      `"${name}" is not made by moduleSchema("${module}"): use its tenantTable, sharedTable or globalTable`,
    );
  }
  const alsoVisible = facts.alsoVisible ? dialect.sqlToQuery(facts.alsoVisible.inlineParams()).sql : null;
  return { name, kind: facts.kind, alsoVisible };
}

function invalid(module: string, rule: string): DatabaseError {
  return new DatabaseError("INVALID_TABLES", `Tables of module "${module}": ${rule}.`, { details: { module } });
}

export async function harden(
  sql: postgres.TransactionSql,
  module: string,
  tables: readonly DeclaredTable[],
): Promise<void> {
  await checkSchema(sql, module, tables);
  const schema = quote(schemaOf(module));
  const role = roleOf(module);
  const policies = await sql<{ tablename: string; policyname: string }[]>`
    select tablename, policyname from pg_policies where schemaname = ${schemaOf(module)}`;
  const statements = [
    `revoke all on schema ${schema} from public`,
    `grant usage on schema ${schema} to ${role}`,
    `grant usage, select on all sequences in schema ${schema} to ${role}`,
    ...policies.map(({ tablename, policyname }) => `drop policy ${quote(policyname)} on ${schema}.${quote(tablename)}`),
    ...tables.flatMap((table) => hardenTable(`${schema}.${quote(table.name)}`, role, table)),
  ];
  await sql.unsafe(statements.join(";\n"));
}

function hardenTable(path: string, role: string, { kind, alsoVisible }: DeclaredTable): string[] {
  const rights = [`revoke all on ${path} from public`, `grant select, insert, update, delete on ${path} to ${role}`];
  if (kind === "global")
    return [...rights, `alter table ${path} disable row level security, no force row level security`];
  const visible = kind === "shared" ? "tenant_id is null" : alsoVisible;
  return [
    ...rights,
    `alter table ${path} enable row level security, force row level security`,
    `create policy tessera_owner on ${path} to current_user using (true) with check (true)`,
    `create policy tessera_tenant on ${path} to ${role} using (${ownRows}) with check (${ownRows})`,
    ...(visible ? [`create policy tessera_visible on ${path} for select to ${role} using (${visible})`] : []),
  ];
}

async function checkSchema(
  sql: postgres.TransactionSql,
  module: string,
  tables: readonly DeclaredTable[],
): Promise<void> {
  const found = await sql<{ name: string; tenant: boolean }[]>`
    select c.relname as name, exists (
             select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
           ) as tenant
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = ${schemaOf(module)} and c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
     order by c.relname`;
  const declared = new Map(tables.map((table) => [table.name, table]));
  for (const { name, tenant } of found) {
    const table = declared.get(name);
    if (!table)
      throw invalid(
        module,
        `"${name}" is in the database but not declared: export it from tables.ts, or drop it in a migration`,
      );
    if (table.kind !== "global" && !tenant)
      throw invalid(module, `"${name}" has no tenant_id in the database: generate a migration`);
    declared.delete(name);
  }
  const [missing] = declared.keys();
  if (missing) throw invalid(module, `"${missing}" is declared but not in the database: generate a migration`);
  await checkForeignKeys(sql, module);
}

async function checkForeignKeys(sql: postgres.TransactionSql, module: string): Promise<void> {
  const [foreign] = await sql<{ name: string }[]>`
    select con.conname as name
      from pg_constraint con
      join pg_class own on own.oid = con.conrelid
      join pg_class other on other.oid = con.confrelid
      join pg_namespace n on n.oid = own.relnamespace
     where con.contype = 'f' and n.nspname = ${schemaOf(module)} and other.relnamespace <> own.relnamespace
     limit 1`;
  if (foreign)
    throw invalid(module, `foreign key "${foreign.name}" leads to another module's schema: keep the id without a key`);
}
