/** Keeps every event of the organization, and lets go of what no stream retains any more. */
import type { EventEnvelope } from "@tessera/shared-types";
import type { Context } from "@tessera/subgraph";
import { addEvents, eraseMentions, removeExpired } from "../queries/stored-events.js";
import { listStreams } from "../queries/streams.js";
import { filterOf } from "./read-access.js";

/** Each is stored once, however often it is delivered; all of one turn in one statement. */
export async function storeEvents(ctx: Context, events: readonly EventEnvelope[]): Promise<void> {
  // What belongs to no organization is nobody's to read, and a replay repeats what is stored.
  const fresh = events.filter(({ tenantId, replay }) => tenantId !== "" && !replay);
  if (fresh.length === 0) return;
  await ctx.transaction((tx) => addEvents(tx, fresh));
  if (isDue(ctx.tenantId, ctx.now())) await clearExpired(ctx);
}

/** Removes a person from what is stored: payloads that are about them go, what happened and when stays. */
export async function erasePerson(ctx: Context, userId: string, event: EventEnvelope): Promise<void> {
  const at = new Date(event.occurredAt);
  await ctx.transaction((tx) => eraseMentions(tx, { userId, at, exceptId: event.id }));
}

const cleaningEveryMs = 3_600_000;
const removedAtOnce = 5_000;
const cleaned = new Map<string, number>();

function isDue(tenantId: string, now: Date): boolean {
  const last = cleaned.get(tenantId) ?? 0;
  if (now.getTime() - last < cleaningEveryMs) return false;
  cleaned.set(tenantId, now.getTime());
  return true;
}

/**
 * Removes events that every stream which holds them has let go of. Events in no stream are kept. Readers do not depend
 * on it: a stream never shows what is older than it retains.
 */
async function clearExpired(ctx: Context): Promise<void> {
  const now = ctx.now();
  await ctx.transaction(async (tx) => {
    const streams = await listStreams(tx);
    const held = streams.map((stream) => filterOf(stream, now));
    const expired = held.flatMap(({ since, ...filter }) => (since === undefined ? [] : [{ ...filter, until: since }]));
    const removed = await removeExpired(tx, { expired, held, limit: removedAtOnce });
    // There is more: the next event goes on with it.
    if (removed === removedAtOnce) cleaned.delete(ctx.tenantId);
  });
}
