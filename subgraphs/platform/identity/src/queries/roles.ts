/** Roles: the built-in ones are constants, an organization's own are rows. */
import { inKeyOrder, type TenantDb } from "@tessera/database";
import { asc, eq, inArray } from "drizzle-orm";
import { builtInRole, builtInRoleValues, type RoleValue } from "../domain/built-in-roles.js";
import { customRoles } from "../tables.js";

type CustomRoleRow = typeof customRoles.$inferSelect;

function roleOf({ id, key, name, description, scopes }: CustomRoleRow): RoleValue {
  return { id, key, name, description, scopes, builtIn: false };
}

export async function rolesById(db: TenantDb, ids: readonly string[]): Promise<(RoleValue | null)[]> {
  const rows = await db
    .select()
    .from(customRoles)
    .where(inArray(customRoles.id, [...ids]));
  return inKeyOrder(ids, [...builtInRoleValues, ...rows.map(roleOf)], (role) => role.id);
}

export async function rolesByKey(db: TenantDb, keys: readonly string[]): Promise<(RoleValue | null)[]> {
  const own = keys.filter((key) => !builtInRole(key));
  const rows = own.length === 0 ? [] : await db.select().from(customRoles).where(inArray(customRoles.key, own));
  return inKeyOrder(keys, [...builtInRoleValues, ...rows.map(roleOf)], (role) => role.key);
}

export async function allRoles(db: TenantDb): Promise<RoleValue[]> {
  const rows = await db.select().from(customRoles).orderBy(asc(customRoles.key));
  return [...builtInRoleValues, ...rows.map(roleOf)];
}

export async function insertRole(db: TenantDb, row: typeof customRoles.$inferInsert): Promise<RoleValue | null> {
  const [written] = await db.insert(customRoles).values(row).onConflictDoNothing().returning();
  return written ? roleOf(written) : null;
}

/** Held until the transaction ends, so that nobody hands out a role that is being changed. */
export async function lockRole(db: TenantDb, id: string): Promise<RoleValue | null> {
  const [row] = await db.select().from(customRoles).where(eq(customRoles.id, id)).for("update");
  return row ? roleOf(row) : null;
}

export async function updateRoleRow(
  db: TenantDb,
  id: string,
  change: Partial<Pick<CustomRoleRow, "name" | "description" | "scopes" | "updatedAt">>,
): Promise<RoleValue | null> {
  const [row] = await db.update(customRoles).set(change).where(eq(customRoles.id, id)).returning();
  return row ? roleOf(row) : null;
}

export async function deleteRoleRow(db: TenantDb, id: string): Promise<void> {
  await db.delete(customRoles).where(eq(customRoles.id, id));
}
