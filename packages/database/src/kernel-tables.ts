/** Tables a kernel package keeps in schema `kernel`, beside those of this package. */
import type postgres from "postgres";
import type { Database } from "./contract.js";
import { roleOf } from "./tables.js";

export interface KernelTables {
  /** Names the table that holds the version: `kernel.<name>_schema`. */
  readonly name: string;
  /** Forward only: a step that was released never changes. */
  readonly steps: readonly string[];
  /** Statements that give one module's role what it needs. */
  grantsFor(role: string): string;
  /** SQL condition over `role`: whether that role has been given it. */
  readonly isGranted: string;
}

/**
 * Installs the tables and the rights of module roles on them. After `database.migrate` with the same modules, which makes
 * the roles. Two cheap queries when nothing changed; several processes may do it at once.
 */
export async function prepareKernelTables(
  { admin }: Pick<Database, "admin">,
  tables: KernelTables,
  modules: readonly { readonly name: string }[],
): Promise<void> {
  const roles = modules.map(({ name }) => roleOf(name));
  if (await isPrepared(admin, tables, roles)) return;
  await admin.begin(async (sql) => {
    await sql`select pg_advisory_xact_lock(hashtextextended(${`tessera.${tables.name}.prepare`}, 0))`;
    await install(sql, tables);
    for (const role of await rolesWithoutRights(sql, tables, roles)) await sql.unsafe(tables.grantsFor(role));
  });
}

async function isPrepared(sql: postgres.Sql, tables: KernelTables, roles: readonly string[]): Promise<boolean> {
  if ((await installedVersion(sql, tables)) < tables.steps.length) return false;
  return (await rolesWithoutRights(sql, tables, roles)).length === 0;
}

async function installedVersion(sql: postgres.ISql, { name }: KernelTables): Promise<number> {
  const [table] = await sql`select to_regclass(${`kernel.${name}_schema`}) is not null as present`;
  if (!table?.present) return 0;
  const [row] = await sql.unsafe(`select version from kernel.${name}_schema`);
  return Number(row?.version ?? 0);
}

async function install(sql: postgres.TransactionSql, tables: KernelTables): Promise<void> {
  const { name, steps } = tables;
  const installed = await installedVersion(sql, tables);
  if (installed >= steps.length) return;
  await sql.unsafe(`
    create schema if not exists kernel;
    create table if not exists kernel.${name}_schema (version integer not null);
    ${steps.slice(installed).join("\n")}
    delete from kernel.${name}_schema;
    insert into kernel.${name}_schema values (${steps.length});
  `);
}

async function rolesWithoutRights(sql: postgres.ISql, { isGranted }: KernelTables, roles: readonly string[]) {
  const rows = await sql.unsafe<{ role: string }[]>(
    `select role from unnest($1::text[]) role where not coalesce(${isGranted}, false)`,
    [roles as string[]],
  );
  return rows.map(({ role }) => role);
}
