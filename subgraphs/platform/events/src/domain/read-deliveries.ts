import type { DeadLetter, DeliveryState } from "@tessera/events";
import type { Context } from "@tessera/subgraph";
import type { ShownEvent } from "./watch-stream.js";

type ReadDeliveries = (db: Context["db"], ids: readonly string[]) => Promise<readonly (readonly DeliveryState[])[]>;
const reads = new WeakMap<Context, ReadDeliveries>();

/** What became of an event in each consumer; many of one request are read together. An imported one was never delivered. */
export async function readDeliveries(ctx: Context, { id, importId }: ShownEvent): Promise<readonly DeliveryState[]> {
  if (importId !== null) return [];
  const known: ReadDeliveries = reads.get(ctx) ?? ((_, ids) => deliveriesOf(ctx, ids));
  reads.set(ctx, known);
  return ctx.loadList(known, id);
}

async function deliveriesOf(ctx: Context, ids: readonly string[]): Promise<DeliveryState[][]> {
  const found = await ctx.operations.deliveries(ids);
  return ids.map((id) => found.filter(({ eventId }) => eventId === id));
}

/** When a dead letter was given up. */
export const failedAt = ({ nextAttemptAt }: DeadLetter): Date => nextAttemptAt;
