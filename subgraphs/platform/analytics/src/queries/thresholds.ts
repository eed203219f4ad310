import { newId, readById, type TenantDb } from "@tessera/database";
import { and, asc, eq, inArray } from "drizzle-orm";
import { thresholds } from "../tables.js";

export type ThresholdRow = typeof thresholds.$inferSelect;

export const thresholdsById = readById(thresholds);

export function listThresholds(db: TenantDb, metricKey: string | null): Promise<ThresholdRow[]> {
  const wanted = metricKey === null ? undefined : eq(thresholds.metricKey, metricKey);
  return db.select().from(thresholds).where(wanted).orderBy(asc(thresholds.name), asc(thresholds.id));
}

/** Those that watch one of the metrics. Locked, so that two transactions do not both announce one crossing. */
export function lockWatching(db: TenantDb, metricKeys: readonly string[]): Promise<ThresholdRow[]> {
  return db
    .select()
    .from(thresholds)
    .where(and(eq(thresholds.enabled, true), inArray(thresholds.metricKey, [...metricKeys])))
    .orderBy(asc(thresholds.id))
    .for("update");
}

export type ThresholdContent = Pick<
  ThresholdRow,
  | "name"
  | "metricKey"
  | "direction"
  | "limit"
  | "clearLimit"
  | "coolDownSeconds"
  | "interval"
  | "aggregation"
  | "dimensions"
  | "enabled"
>;
export type ThresholdState = Pick<ThresholdRow, "exceeded" | "lastExceededAt" | "lastValue">;

export async function addThreshold(db: TenantDb, content: ThresholdContent): Promise<ThresholdRow> {
  const [added] = await db
    .insert(thresholds)
    .values({ id: newId(), ...content })
    .returning();
  return added as ThresholdRow;
}

export async function changeThreshold(
  db: TenantDb,
  id: string,
  change: Partial<ThresholdContent & ThresholdState>,
): Promise<ThresholdRow | null> {
  const [changed] = await db.update(thresholds).set(change).where(eq(thresholds.id, id)).returning();
  return changed ?? null;
}

export async function removeThreshold(db: TenantDb, id: string): Promise<boolean> {
  const removed = await db.delete(thresholds).where(eq(thresholds.id, id)).returning({ id: thresholds.id });
  return removed.length > 0;
}
