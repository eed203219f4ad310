/** Installs the kernel tables and the rights of module roles on them. */
import type { Database } from "@tessera/database";
import type postgres from "postgres";
import { grantsFor, steps } from "./kernel-tables.js";

const roleOf = (module: string): string => `tessera_${module.replaceAll("-", "_")}`;

/**
 * Creates the kernel tables of this package and grants each module what it may do with them. Call after
 * `database.migrate` with the same modules and before `openProcesses`. Two cheap queries when nothing changed.
 */
export async function prepareProcesses(
  database: Pick<Database, "admin">,
  modules: readonly { readonly name: string }[],
): Promise<void> {
  const roles = modules.map(({ name }) => roleOf(name));
  if (await isPrepared(database.admin, roles)) return;
  await database.admin.begin(async (sql) => {
    await sql`select pg_advisory_xact_lock(hashtextextended('tessera.processes.prepare', 0))`;
    await installTables(sql);
    for (const role of await rolesWithoutRights(sql, roles)) await sql.unsafe(grantsFor(role));
  });
}

async function isPrepared(sql: postgres.Sql, roles: readonly string[]): Promise<boolean> {
  if ((await installedVersion(sql)) < steps.length) return false;
  return (await rolesWithoutRights(sql, roles)).length === 0;
}

async function installedVersion(sql: postgres.ISql): Promise<number> {
  const [table] = await sql`select to_regclass('kernel.processes_schema') is not null as present`;
  if (!table?.present) return 0;
  const [row] = await sql`select version from kernel.processes_schema`;
  return Number(row?.version ?? 0);
}

async function installTables(sql: postgres.TransactionSql): Promise<void> {
  const installed = await installedVersion(sql);
  if (installed >= steps.length) return;
  await sql.unsafe(`
    create schema if not exists kernel;
    create table if not exists kernel.processes_schema (version integer not null);
    ${steps.slice(installed).join("\n")}
    delete from kernel.processes_schema;
    insert into kernel.processes_schema values (${steps.length});
  `);
}

async function rolesWithoutRights(sql: postgres.ISql, roles: readonly string[]): Promise<string[]> {
  const rows = await sql<{ role: string }[]>`
    select role from unnest(${roles as string[]}::text[]) role
    where not has_table_privilege(role::name, 'kernel.process_answer', 'insert')
       or not has_schema_privilege(role::name, 'kernel', 'usage')`;
  return rows.map(({ role }) => role);
}
