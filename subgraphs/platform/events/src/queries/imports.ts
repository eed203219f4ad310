import { type Connection, newId, type PageArguments, paginate, readById, type TenantDb } from "@tessera/database";
import { eq } from "drizzle-orm";
import { eventImports } from "../tables.js";

export type EventImportRow = typeof eventImports.$inferSelect;

export const importsById = readById(eventImports);

/** Newest first. */
export function pageOfImports(db: TenantDb, page: PageArguments): Promise<Connection<EventImportRow>> {
  return paginate(db, { from: eventImports, orderBy: [{ column: eventImports.startedAt, direction: "desc" }], page });
}

export async function addImport(db: TenantDb, importedBy: string | null, now: Date): Promise<EventImportRow> {
  const [added] = await db
    .insert(eventImports)
    .values({ id: newId(), importedBy, startedAt: now, updatedAt: now })
    .returning();
  return added as EventImportRow;
}

export async function lockImport(db: TenantDb, id: string): Promise<EventImportRow | null> {
  const [row] = await db.select().from(eventImports).where(eq(eventImports.id, id)).for("update");
  return row ?? null;
}

export async function changeImport(
  db: TenantDb,
  id: string,
  change: Partial<Omit<EventImportRow, "id" | "tenantId">>,
): Promise<EventImportRow> {
  const [changed] = await db.update(eventImports).set(change).where(eq(eventImports.id, id)).returning();
  return changed as EventImportRow;
}
