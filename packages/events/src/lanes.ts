/** Parallel where order does not matter, one after the other where it does. */
import type { EventEnvelope } from "@tessera/shared-types";

/** Events with the same lane keep their order. */
export const laneOf = (event: Pick<EventEnvelope, "tenantId" | "aggregateId">): string =>
  `${event.tenantId}\u0000${event.aggregateId}`;

/**
 * Works through `items`: those of one lane in order, up to `parallel` lanes at once. A lane ends at its first failure,
 * the other lanes go on; rejects with the first failure when all have ended.
 */
export async function inLanes<Item>(
  items: readonly Item[],
  lane: (item: Item) => string,
  parallel: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const lanes = group(items, lane);
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (let next = lanes.shift(); next; next = lanes.shift()) {
      try {
        for (const item of next) await work(item);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, lanes.length) }, worker));
  if (failures.length > 0) throw failures[0];
}

function group<Item>(items: readonly Item[], lane: (item: Item) => string): Item[][] {
  const lanes = new Map<string, Item[]>();
  for (const item of items) {
    const key = lane(item);
    const members = lanes.get(key);
    if (members) members.push(item);
    else lanes.set(key, [item]);
  }
  return [...lanes.values()];
}
