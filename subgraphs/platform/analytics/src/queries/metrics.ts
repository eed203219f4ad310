import { inKeyOrder, newId, readById, type TenantDb } from "@tessera/database";
import { asc, inArray, sql } from "drizzle-orm";
import { type Dimensions, metrics, pointSources, points } from "../tables.js";

export type MetricRow = typeof metrics.$inferSelect;

/** More metrics than anybody reads at once. */
const mostMetrics = 1_000;

export function listMetrics(db: TenantDb): Promise<MetricRow[]> {
  return db.select().from(metrics).orderBy(asc(metrics.key)).limit(mostMetrics);
}

export const metricsById = readById(metrics);

export async function metricsByKey(db: TenantDb, keys: readonly string[]): Promise<(MetricRow | null)[]> {
  const rows = await db
    .select()
    .from(metrics)
    .where(inArray(metrics.key, [...keys]));
  return inKeyOrder(keys, rows, (row) => row.key);
}

export type NewMetric = Pick<MetricRow, "key" | "name" | "unit" | "origin"> & { readonly description?: string };

/** Adds those that are not there yet; returns the new ones. */
export function addMetrics(db: TenantDb, wanted: readonly NewMetric[]): Promise<MetricRow[]> {
  const rows = wanted.map((metric) => ({ id: newId(), ...metric }));
  return db.insert(metrics).values(rows).onConflictDoNothing().returning();
}

export interface SourceState {
  readonly source: string;
  readonly version: number;
  readonly occurredAt: Date;
  readonly eventId: string;
}

/** Moves a source to a newer state; false when the stored one is as new. Two that try at once wait for each other. */
export async function advanceSource(db: TenantDb, state: SourceState): Promise<boolean> {
  const moved = await db
    .insert(pointSources)
    .values(state)
    .onConflictDoUpdate({
      target: [pointSources.tenantId, pointSources.source],
      set: { version: state.version, occurredAt: state.occurredAt, eventId: state.eventId },
      setWhere: sql`(${pointSources.version}, ${pointSources.occurredAt}) < (excluded.version, excluded.occurred_at)`,
    })
    .returning({ source: pointSources.source });
  return moved.length > 0;
}

export interface NewPoint {
  readonly metricId: string;
  readonly at: Date;
  readonly value: string;
  readonly dimensions: Dimensions;
}

/** Removes what a source said before; returns the ids of the metrics that lost points. */
export async function removePointsOf(db: TenantDb, source: string): Promise<string[]> {
  const removed = await db
    .delete(points)
    .where(sql`${points.source} = ${source}`)
    .returning({ metricId: points.metricId });
  return [...new Set(removed.map(({ metricId }) => metricId))];
}

/** Points of one statement: well below the 65,535 parameters that PostgreSQL takes. */
const pointsPerStatement = 1_000;

/** A point with the same metric, time, dimensions and source is replaced. */
export async function putPoints(db: TenantDb, source: string, rows: readonly NewPoint[]): Promise<void> {
  const ordered = sortedByIdentity(rows);
  for (let start = 0; start < ordered.length; start += pointsPerStatement) {
    const batch = ordered.slice(start, start + pointsPerStatement).map((row) => ({ id: newId(), ...row, source }));
    await db
      .insert(points)
      .values(batch)
      .onConflictDoUpdate({
        target: [points.tenantId, points.metricId, points.at, points.dimensions, points.source],
        set: { value: sql`excluded.value`, recordedAt: sql`now()` },
      });
  }
}

/** One order for everybody: two transactions that put the same points wait for each other instead of deadlocking. */
function sortedByIdentity(rows: readonly NewPoint[]): NewPoint[] {
  const identity = ({ metricId, at, dimensions }: NewPoint) =>
    JSON.stringify([metricId, at.toISOString(), Object.entries(dimensions).sort()]);
  const keyed = rows.map((row) => ({ row, key: identity(row) }));
  return keyed.sort((one, other) => (one.key < other.key ? -1 : 1)).map(({ row }) => row);
}
