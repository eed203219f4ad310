/**
 * Roles belong to the whole server, so another database's start may create or grant the same ones at the same moment,
 * and no lock spans databases. Changes are therefore statements of their own, tried again when they collide.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type postgres from "postgres";

/** Undefined role, unique violation, duplicate object, and "tuple concurrently updated". */
const collisions = new Set(["42704", "23505", "42710", "XX000"]);
const attempts = 10;

/** Runs statements about roles that may be repeated. */
export async function changeRoles(sql: postgres.Sql, statement: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await sql.unsafe(statement);
      return;
    } catch (error) {
      if (attempt === attempts || !collisions.has((error as { code: string }).code)) throw error;
      await sleep(Math.random() * 20 * attempt);
    }
  }
}

export function createIfMissing(role: string, statement: string): string {
  return `do $$ begin if not exists (select from pg_roles where rolname = '${role}') then ${statement}; end if; end $$`;
}
