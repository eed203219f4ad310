/** Entries and imports of activity data. */
import {
  type Connection,
  groupByKey,
  inKeyOrder,
  type PageArguments,
  paginate,
  readById,
  type TenantDb,
} from "@tessera/database";
import { and, asc, count, desc, eq, getTableColumns, inArray, ne } from "drizzle-orm";
import { activityImport, emissionEntry } from "../tables.js";
import { insertRows } from "./insert-rows.js";

export type EntryRow = typeof emissionEntry.$inferSelect;
export type NewEntry = typeof emissionEntry.$inferInsert;

export const entriesById = readById(emissionEntry);

export function pageOfEntries(
  db: TenantDb,
  calculationId: string,
  pendingReview: boolean | null,
  page: PageArguments,
): Promise<Connection<EntryRow>> {
  const pending = pendingReview === null ? [] : [eq(emissionEntry.pendingReview, pendingReview)];
  const where = and(eq(emissionEntry.calculationId, calculationId), ...pending);
  return paginate(db, {
    from: emissionEntry,
    where,
    orderBy: [{ column: emissionEntry.createdAt, direction: "asc" }],
    page,
  });
}

/** In the order in which consumption is served from instruments: oldest period first. */
export const entriesOfCalculation = (db: TenantDb, calculationId: string): Promise<EntryRow[]> =>
  db
    .select()
    .from(emissionEntry)
    .where(eq(emissionEntry.calculationId, calculationId))
    .orderBy(asc(emissionEntry.periodStart), asc(emissionEntry.id));

export async function countPending(db: TenantDb, calculationId: string): Promise<number> {
  const [row] = await db
    .select({ entries: count() })
    .from(emissionEntry)
    .where(and(eq(emissionEntry.calculationId, calculationId), eq(emissionEntry.pendingReview, true)));
  return row?.entries ?? 0;
}

export async function countServedBy(db: TenantDb, instrumentId: string): Promise<number> {
  const [row] = await db
    .select({ entries: count() })
    .from(emissionEntry)
    .where(eq(emissionEntry.instrumentId, instrumentId));
  return row?.entries ?? 0;
}

/** @param onRows told how many are written so far */
export const insertEntries = (
  db: TenantDb,
  entries: readonly NewEntry[],
  onRows?: (written: number) => Promise<void>,
): Promise<void> => insertRows(db, emissionEntry, entries, onRows);

const { content: _content, ...importFacts } = getTableColumns(activityImport);
/** Without the file itself. */
export type ImportRow = Omit<typeof activityImport.$inferSelect, "content">;

export async function importsById(db: TenantDb, ids: readonly string[]): Promise<(ImportRow | null)[]> {
  const rows = await db
    .select(importFacts)
    .from(activityImport)
    .where(inArray(activityImport.id, [...ids]));
  return inKeyOrder(ids, rows, ({ id }) => id);
}

export async function importsOfCalculations(db: TenantDb, ids: readonly string[]): Promise<ImportRow[][]> {
  const rows = await db
    .select(importFacts)
    .from(activityImport)
    .where(inArray(activityImport.calculationId, [...ids]))
    .orderBy(desc(activityImport.id));
  return groupByKey(ids, rows, ({ calculationId }) => calculationId);
}

/** The newest import of the same content that has not failed. */
export async function importOfContent(db: TenantDb, calculationId: string, sha256: string): Promise<ImportRow | null> {
  const same = and(eq(activityImport.calculationId, calculationId), eq(activityImport.sha256, sha256));
  const [row] = await db
    .select(importFacts)
    .from(activityImport)
    .where(and(same, ne(activityImport.status, "FAILED")))
    .orderBy(desc(activityImport.id))
    .limit(1);
  return row ?? null;
}

/** With its file, held until the transaction ends. */
export async function importForUpdate(db: TenantDb, id: string): Promise<typeof activityImport.$inferSelect | null> {
  const [row] = await db.select().from(activityImport).where(eq(activityImport.id, id)).for("update");
  return row ?? null;
}
