import { type Connection, newId, type PageArguments, paginate, readById, type TenantDb } from "@tessera/database";
import { asc, eq, or, sql } from "drizzle-orm";
import { eventStreams } from "../tables.js";

export type EventStreamRow = typeof eventStreams.$inferSelect;
export type EventStreamContent = Omit<EventStreamRow, "id" | "tenantId" | "createdAt" | "updatedAt">;

export const streamsById = readById(eventStreams);

/** By name; an organization has a few dozen. */
export function listStreams(db: TenantDb): Promise<EventStreamRow[]> {
  return db.select().from(eventStreams).orderBy(asc(eventStreams.name), asc(eventStreams.id));
}

/** By name; only those that admit a reader, where one is named. */
export function pageOfStreams(
  db: TenantDb,
  reader: { readonly roles: readonly string[]; readonly scopes: readonly string[] } | null,
  page: PageArguments,
): Promise<Connection<EventStreamRow>> {
  const where =
    reader &&
    or(
      sql`${eventStreams.readerRoles} && ${sql.param(reader.roles)}::text[]`,
      sql`${eventStreams.readerScopes} && ${sql.param(reader.scopes)}::text[]`,
    );
  return paginate(db, {
    from: eventStreams,
    where: where ?? undefined,
    orderBy: [{ column: eventStreams.name, direction: "asc" }],
    page,
  });
}

/** Null when the name is taken. */
export async function addStream(db: TenantDb, content: EventStreamContent, now: Date): Promise<EventStreamRow | null> {
  const [added] = await db
    .insert(eventStreams)
    .values({ id: newId(), ...content, createdAt: now, updatedAt: now })
    .onConflictDoNothing()
    .returning();
  return added ?? null;
}

/** Null when there is no such stream. */
export async function changeStream(
  db: TenantDb,
  id: string,
  content: EventStreamContent,
  now: Date,
): Promise<EventStreamRow | null> {
  const [changed] = await db
    .update(eventStreams)
    .set({ ...content, updatedAt: now })
    .where(eq(eventStreams.id, id))
    .returning();
  return changed ?? null;
}

export async function removeStream(db: TenantDb, id: string): Promise<boolean> {
  const removed = await db.delete(eventStreams).where(eq(eventStreams.id, id)).returning({ id: eventStreams.id });
  return removed.length > 0;
}
