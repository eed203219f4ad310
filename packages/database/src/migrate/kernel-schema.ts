/**
 * Schema `kernel`: what the platform keeps for itself. Every module's role is a member of `tessera_module`, so that a
 * right which all modules need there (writing to the outbox) is granted once.
 */
import type postgres from "postgres";
import { appRole } from "../owner.js";
import { changeRoles, createIfMissing } from "../roles.js";

/** Group role of all module roles. */
export const moduleGroup = "tessera_module";
/** Advisory lock under which schemas change. */
export const schemaLock = 7_348_201_113;

/** The group, and each module's role as its member that the app's login may take. */
export async function ensureRoles(sql: postgres.Sql, roles: readonly string[]): Promise<void> {
  for (const role of [moduleGroup, ...roles]) {
    const [found] = await sql<{ ready: boolean }[]>`
      select ${role} = ${moduleGroup} or (pg_has_role(${appRole}, oid, 'MEMBER')
             and pg_has_role(oid, (select oid from pg_roles where rolname = ${moduleGroup}), 'MEMBER')) as ready
        from pg_roles where rolname = ${role}`;
    if (found?.ready) continue;
    await changeRoles(sql, createIfMissing(role, `create role ${role} nologin`));
    if (role === moduleGroup) continue;
    await changeRoles(sql, `grant ${moduleGroup} to ${role}`);
    await changeRoles(sql, `grant ${role} to ${appRole}`);
  }
}

/** Needs `ensureRoles` before it. */
export async function ensureKernel(sql: postgres.Sql | postgres.TransactionSql): Promise<void> {
  await sql.unsafe(`
    create schema if not exists kernel;
    grant usage on schema kernel to ${moduleGroup};
    create table if not exists kernel.module (
      module text primary key,
      fingerprint text not null,
      migrated_at timestamptz not null default now()
    );
    create table if not exists kernel.migration (
      module text not null,
      name text not null,
      checksum text not null,
      applied_at timestamptz not null default now(),
      primary key (module, name)
    );
    create unlogged table if not exists kernel.cache (
      key text collate "C" primary key,
      value jsonb not null,
      expires_at timestamptz not null
    );
    create index if not exists cache_expires_at on kernel.cache (expires_at);
  `);
}
