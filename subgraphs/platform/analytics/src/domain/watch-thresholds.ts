import { platformEvents } from "@tessera/shared-types";
import type { Transaction } from "@tessera/subgraph";
import { figureOf, newestRollUps, type RollUp } from "../queries/series.js";
import { changeThreshold, lockWatching, type ThresholdRow } from "../queries/thresholds.js";
import { nextCrossing } from "./threshold-crossing.js";

/** Compares the newest bucket of every watched metric with its thresholds and publishes the crossings. */
export async function watchThresholds(tx: Transaction, metricKeys: readonly string[], now: Date): Promise<void> {
  const watching = await lockWatching(tx, metricKeys);
  if (watching.length === 0) return;
  const newest = await newestRollUps(tx, watching);
  for (const [index, threshold] of watching.entries()) {
    const rollUp = newest[index];
    if (rollUp) await watch(tx, threshold, rollUp, now);
  }
}

async function watch(tx: Transaction, threshold: ThresholdRow, rollUp: RollUp, now: Date): Promise<void> {
  const value = figureOf(rollUp, threshold.aggregation);
  const { crossed, ...state } = nextCrossing(threshold, threshold, value, now);
  await changeThreshold(tx, threshold.id, {
    exceeded: state.exceeded,
    lastExceededAt: state.lastExceededAt,
    lastValue: value,
  });
  if (crossed) publishCrossing(tx, threshold, value, now);
}

function publishCrossing(
  tx: Transaction,
  { id, metricKey, limit, direction }: ThresholdRow,
  value: string,
  now: Date,
): void {
  const side = direction === "ABOVE" ? ("above" as const) : ("below" as const);
  const payload = { thresholdId: id, metricKey, value, limit, direction: side, at: now.toISOString() };
  tx.publish(platformEvents.thresholdExceeded, { aggregateId: id, payload });
}
