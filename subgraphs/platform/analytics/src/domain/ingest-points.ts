/** Points that come in: stored, watched, and told to the dashboards that show them, all in one transaction. */
import { type EventEnvelope, platformEvents } from "@tessera/shared-types";
import type { Context, Transaction } from "@tessera/subgraph";
import { dashboardsShowing } from "../queries/dashboards.js";
import { addMetrics, advanceSource, metricsById, metricsByKey, putPoints, removePointsOf } from "../queries/metrics.js";
import { knownMetrics, type MeasuredEvent, type Measurement } from "./measured-events.js";
import { watchThresholds } from "./watch-thresholds.js";

/**
 * Takes what an event measured. Points of an older version of the same thing go; an event that is not newer than what
 * is stored, be it repeated or late, changes nothing.
 */
export async function ingestMeasuredEvent<Payload>(
  ctx: Context,
  measured: MeasuredEvent<Payload>,
  event: EventEnvelope<Payload>,
): Promise<void> {
  const source = `${event.type}/${measured.source(event.payload)}`;
  await ctx.transaction(async (tx) => {
    const state = {
      source,
      version: measured.version(event.payload),
      occurredAt: new Date(event.occurredAt),
      eventId: event.id,
    };
    if (!(await advanceSource(tx, state))) return;
    const lost = await removePointsOf(tx, source);
    const measurements = measured.measure(event.payload);
    await storeMeasurements(tx, source, measurements);
    const stale = await metricsById(tx, lost);
    const keys = [...measurements, ...stale.filter((metric) => metric !== null)].map(({ key }) => key);
    await announceChange(ctx, tx, [...new Set(keys)], event.type);
  });
}

async function storeMeasurements(tx: Transaction, source: string, measurements: readonly Measurement[]): Promise<void> {
  const ids = await ensureKnownMetrics(
    tx,
    measurements.map(({ key }) => key),
  );
  const rows = measurements.map(({ key, ...point }) => ({ metricId: ids.get(key) as string, ...point }));
  await putPoints(tx, source, rows);
}

/** Ids of metrics that events feed, by key; those that were never measured before are added. */
export async function ensureKnownMetrics(tx: Transaction, wanted: readonly string[]): Promise<Map<string, string>> {
  const keys = [...new Set(wanted)];
  const missing = keys.flatMap((key) => {
    const known = knownMetrics[key];
    return known ? [{ key, origin: "event" as const, ...known }] : [];
  });
  if (missing.length > 0) await addMetrics(tx, missing);
  const rows = await metricsByKey(tx, keys);
  return new Map(rows.flatMap((row) => (row ? [[row.key, row.id]] : [])));
}

/** Tells thresholds and dashboards that metrics have other points than before. */
export async function announceChange(
  ctx: Context,
  tx: Transaction,
  metricKeys: readonly string[],
  reason: string,
): Promise<void> {
  if (metricKeys.length === 0) return;
  await watchThresholds(tx, metricKeys, ctx.now());
  const dashboardIds = await dashboardsShowing(tx, metricKeys);
  if (dashboardIds.length === 0) return;
  const payload = { dashboardIds, metricKeys: [...metricKeys].sort(), reason };
  tx.publish(platformEvents.dashboardChanged, { aggregateId: ctx.tenantId, payload });
}
