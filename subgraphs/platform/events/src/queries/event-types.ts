import type { CompatibilityMode } from "@tessera/contracts";
import {
  type Connection,
  groupByKey,
  inKeyOrder,
  newId,
  type PageArguments,
  paginate,
  readById,
  type TenantDb,
} from "@tessera/database";
import { asc, count, eq, inArray, isNotNull, isNull } from "drizzle-orm";
import { eventTypes, eventTypeVersions } from "../tables.js";

export type EventTypeRow = typeof eventTypes.$inferSelect;
export type EventTypeVersionRow = typeof eventTypeVersions.$inferSelect;

export function pageOfTypes(db: TenantDb, own: boolean | null, page: PageArguments): Promise<Connection<EventTypeRow>> {
  const { tenantId, name } = eventTypes;
  const where = own === null ? undefined : own ? isNotNull(tenantId) : isNull(tenantId);
  return paginate(db, { from: eventTypes, where, orderBy: [{ column: name, direction: "asc" }], page });
}

export const typesById = readById(eventTypes);

export async function typesByName(db: TenantDb, names: readonly string[]): Promise<(EventTypeRow | null)[]> {
  const rows = await db
    .select()
    .from(eventTypes)
    .where(inArray(eventTypes.name, [...names]));
  return inKeyOrder(names, rows, ({ name }) => name);
}

/** Oldest first. */
export async function versionsOfTypes(db: TenantDb, ids: readonly string[]): Promise<EventTypeVersionRow[][]> {
  const rows = await db
    .select()
    .from(eventTypeVersions)
    .where(inArray(eventTypeVersions.eventTypeId, [...ids]))
    .orderBy(asc(eventTypeVersions.version));
  return groupByKey(ids, rows, ({ eventTypeId }) => eventTypeId);
}

export async function countOwnTypes(db: TenantDb): Promise<number> {
  const [row] = await db.select({ all: count() }).from(eventTypes).where(isNotNull(eventTypes.tenantId));
  return row?.all ?? 0;
}

/** Null when the name is taken. */
export async function addType(
  db: TenantDb,
  type: Pick<EventTypeRow, "name" | "description" | "compatibility">,
): Promise<EventTypeRow | null> {
  const [added] = await db
    .insert(eventTypes)
    .values({ id: newId(), ...type })
    .onConflictDoNothing()
    .returning();
  return added ?? null;
}

export async function addVersion(
  db: TenantDb,
  version: Pick<EventTypeVersionRow, "eventTypeId" | "version" | "schema" | "registeredBy">,
): Promise<void> {
  await db.insert(eventTypeVersions).values({ id: newId(), ...version });
}

export async function changeCompatibility(db: TenantDb, id: string, compatibility: CompatibilityMode): Promise<void> {
  await db.update(eventTypes).set({ compatibility }).where(eq(eventTypes.id, id));
}

/** Locks a type of the organization's own, so that two versions are not judged at the same moment. */
export async function lockType(db: TenantDb, name: string): Promise<EventTypeRow | null> {
  const [row] = await db.select().from(eventTypes).where(eq(eventTypes.name, name)).for("update");
  return row ?? null;
}
