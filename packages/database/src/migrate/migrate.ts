/** Brings the database to what the modules declare: forward only, one process at a time, one query when nothing changed. */
import { createHash } from "node:crypto";
import type postgres from "postgres";
import type { ModuleTables } from "../contract.js";
import { DatabaseError } from "../errors.js";
import { appRole } from "../owner.js";
import { coded } from "../refusals.js";
import { roleOf, schemaOf } from "../tables.js";
import { type DeclaredTable, declaredTables, harden } from "./hardening.js";
import { ensureKernel, ensureRoles, moduleGroup, schemaLock } from "./kernel-schema.js";
import { type Migration, readMigrations } from "./migration-files.js";

export interface MigrateRequest {
  readonly admin: postgres.Sql;
  readonly modules: readonly ModuleTables[];
  readonly onProgress?: ((line: string) => void) | undefined;
}

interface Plan {
  readonly module: string;
  readonly migrations: readonly Migration[];
  readonly tables: readonly DeclaredTable[];
  readonly fingerprint: string;
}

/** Part of every fingerprint: raise it when hardening changes, so that existing databases are hardened again. */
const hardeningVersion = 1;

export async function migrate(request: MigrateRequest): Promise<void> {
  const plans = await Promise.all(request.modules.map(planFor));
  if (await isUpToDate(request.admin, plans)) return;
  const sql = request.admin;
  // The lock belongs to this session, whatever the transactions below do.
  const session = await sql.reserve();
  try {
    await session`select pg_advisory_lock(${schemaLock})`;
    const known = await existingRoles(sql);
    await ensureRoles(
      sql,
      plans.map((plan) => roleOf(plan.module)),
    );
    await sql.begin(ensureKernel);
    for (const plan of plans) {
      await migrateModule(sql, plan, known.has(roleOf(plan.module)), request.onProgress ?? (() => {}));
    }
  } catch (error) {
    throw coded(error);
  } finally {
    await session`select pg_advisory_unlock(${schemaLock})`.catch(() => {});
    session.release();
  }
}

async function planFor({ name, migrations, tables }: ModuleTables): Promise<Plan> {
  const declared = declaredTables(name, tables);
  const files = await readMigrations(migrations);
  const content = [hardeningVersion, name, files.map((file) => [file.name, file.checksum]), declared];
  const fingerprint = createHash("sha256").update(JSON.stringify(content)).digest("hex");
  return { module: name, migrations: files, tables: declared, fingerprint };
}

/** Name of a state of all modules: equal for equal migrations and tables. */
export async function fingerprintOf(modules: readonly ModuleTables[]): Promise<string> {
  const plans = await Promise.all(modules.map(planFor));
  const parts = plans.map((plan) => plan.fingerprint).sort();
  return createHash("sha256").update(parts.join()).digest("hex");
}

async function isUpToDate(admin: postgres.Sql, plans: readonly Plan[]): Promise<boolean> {
  const roles = [moduleGroup, ...plans.map((plan) => roleOf(plan.module))];
  try {
    const [state] = await admin<{ known: Record<string, string> | null; roles: number }[]>`
      select (select jsonb_object_agg(module, fingerprint) from kernel.module) as known,
             (select count(*)::int from pg_roles where rolname in ${admin(roles)}
                 and (rolname = ${moduleGroup} or pg_has_role(${appRole}, oid, 'MEMBER'))) as roles`;
    const known = state?.known ?? {};
    return state?.roles === new Set(roles).size && plans.every((plan) => known[plan.module] === plan.fingerprint);
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === "42P01" || code === "3F000") return false;
    throw coded(error);
  }
}

async function existingRoles(sql: postgres.Sql): Promise<Set<string>> {
  const rows = await sql<{ rolname: string }[]>`select rolname from pg_roles`;
  return new Set(rows.map((row) => row.rolname));
}

/** A database restored on another server has its tables, but the grants of roles that were missing there are gone. */
async function migrateModule(
  sql: postgres.Sql,
  plan: Plan,
  hadRole: boolean,
  onProgress: (line: string) => void,
): Promise<void> {
  await sql.begin(async (tx) => {
    const [state] = await tx<{ fingerprint: string }[]>`
      select fingerprint from kernel.module where module = ${plan.module}`;
    if (hadRole && state?.fingerprint === plan.fingerprint) return;
    await tx.unsafe(`create schema if not exists "${schemaOf(plan.module)}"`);
    for (const migration of await outstanding(tx, plan)) {
      onProgress(`Migrating ${plan.module}: ${migration.name}`);
      await apply(tx, plan.module, migration);
    }
    await harden(tx, plan.module, plan.tables);
    await tx`insert into kernel.module (module, fingerprint) values (${plan.module}, ${plan.fingerprint})
             on conflict (module) do update set fingerprint = excluded.fingerprint, migrated_at = now()`;
  });
}

async function outstanding(tx: postgres.TransactionSql, plan: Plan): Promise<Migration[]> {
  const applied = await tx<{ name: string; checksum: string }[]>`
    select name, checksum from kernel.migration where module = ${plan.module} order by name`;
  const files = new Map(plan.migrations.map((migration) => [migration.name, migration]));
  for (const { name, checksum } of applied) {
    const file = files.get(name);
    if (!file)
      throw refusedMigration(
        "MIGRATION_MISSING",
        plan.module,
        name,
        "was applied to this database but is not in this version: run the version that has it, or a newer one",
      );
    if (file.checksum !== checksum) {
      throw refusedMigration(
        "MIGRATION_CHANGED",
        plan.module,
        name,
        "was changed after it had been applied: restore the file and put the change into a new migration",
      );
    }
    files.delete(name);
  }
  const last = applied.at(-1)?.name ?? "";
  const [late] = files.keys();
  if (late !== undefined && late < last) {
    throw refusedMigration(
      "MIGRATION_CHANGED",
      plan.module,
      late,
      `comes before ${last}, which is applied already: give it the next number`,
    );
  }
  return [...files.values()];
}

function refusedMigration(code: "MIGRATION_MISSING" | "MIGRATION_CHANGED", module: string, name: string, why: string) {
  return new DatabaseError(code, `Migration ${name} of module "${module}" ${why}.`, { details: { module, name } });
}

async function apply(tx: postgres.TransactionSql, module: string, migration: Migration): Promise<void> {
  try {
    for (const statement of migration.statements) await tx.unsafe(statement);
  } catch (cause) {
    const { message, code } = cause as { message?: string; code?: string };
    throw new DatabaseError(
      "MIGRATION_FAILED",
      `Migration ${migration.name} of module "${module}" failed and was undone: ${message}.`,
      {
        details: { module, name: migration.name, sqlState: code },
        cause,
      },
    );
  }
  await tx`insert into kernel.migration (module, name, checksum) values (${module}, ${migration.name}, ${migration.checksum})`;
}
