/** One attempt at one reaction: checks the payload, gives the host what it needs, and says how it ended. */
import type { TenantDb } from "@tessera/database";
import type { EventEnvelope } from "@tessera/shared-types";
import { sql } from "drizzle-orm";
import { EventsError } from "./errors.js";
import { markOf } from "./marks.js";
import { parsePayload } from "./outbox.js";
import type { Reaction, RunReaction } from "./reaction.js";

/** What one module reacts to, and its host. */
export interface Consumer {
  readonly module: string;
  readonly reactions: readonly Reaction[];
  readonly run: RunReaction;
}

/** `behind`: an earlier event of the same aggregate is parked. `known`: handled before, parked itself, or given up. */
export type Outcome = "done" | "known" | "behind";

const defaultTimeoutMs = 30_000;

/** The one for every event first, then the one for this type and version. `EVENT_VERSION_UNKNOWN` */
export function reactionsTo({ module, reactions }: Consumer, event: EventEnvelope): Reaction[] {
  const ofType = reactions.filter(({ contract }) => contract.type === event.type);
  const found = [
    ...reactions.filter(({ contract }) => contract.type === "*"),
    ...ofType.filter(({ contract }) => contract.version === event.version),
  ];
  if (found.length > 0) return found;
  const known = ofType.map(({ contract }) => `v${contract.version}`).join(", ") || "no version";
  throw new EventsError("EVENT_VERSION_UNKNOWN", { module, type: event.type, version: event.version, known });
}

export const timeoutOf = (reactions: readonly Reaction[]): number =>
  Math.max(0, ...reactions.map(({ options }) => options.timeoutMs ?? defaultTimeoutMs));

export const attemptsOf = (reactions: readonly Reaction[]): number | undefined =>
  reactions.map(({ options }) => options.attempts).find((attempts) => attempts !== undefined);

/** `isRetry`: the event is first in its parked queue, so nothing can be before it. Rejects when the attempt failed. */
export async function attempt(consumer: Consumer, event: EventEnvelope, isRetry: boolean): Promise<Outcome> {
  const { module } = consumer;
  const calls = reactionsTo(consumer, event).map((reaction) => ({
    reaction,
    payload: parsePayload(reaction.contract, event.payload),
  }));
  let outcome: Outcome | undefined;
  await withTimeout(module, event, timeoutOf(calls.map(({ reaction }) => reaction)), (signal) =>
    consumer.run({
      module,
      event,
      signal,
      mark: async (db) => {
        outcome = isRetry ? await markRetry(db, module, event) : await markDelivery(db, module, event);
        return outcome === "done";
      },
      handle: async (context) => {
        for (const { reaction, payload } of calls) await reaction.handle(context, payload, event);
      },
    }),
  );
  if (!outcome) throw new EventsError("REACTION_NOT_MARKED", { module, type: event.type });
  return outcome;
}

/** Inserts the mark unless something of the same aggregate waits; a concurrent delivery of the event waits here. */
async function markDelivery(db: TenantDb, module: string, event: EventEnvelope): Promise<Outcome> {
  const mark = markOf(event);
  const rows = await db.execute<{ done: boolean; known: boolean; behind: boolean }>(sql`
    with waiting as (
      select mark from kernel.parked
      where consumer = ${module} and tenant = ${event.tenantId} and aggregate_id = ${event.aggregateId} and not dead
      union all
      select mark from kernel.parked where consumer = ${module} and mark = ${mark}::uuid and dead
    ), marked as (
      insert into kernel.seen (consumer, event_id) select ${module}, ${mark}::uuid
      where not exists (select from waiting) on conflict do nothing returning event_id
    )
    select exists (select from marked) as done, exists (select from waiting where mark = ${mark}::uuid) as known,
      exists (select from waiting) as behind`);
  const [row] = rows;
  if (row?.done) return "done";
  return row?.behind && !row.known ? "behind" : "known";
}

async function markRetry(db: TenantDb, module: string, event: EventEnvelope): Promise<Outcome> {
  const rows = await db.execute(sql`
    insert into kernel.seen (consumer, event_id) values (${module}, ${markOf(event)}::uuid)
    on conflict do nothing returning event_id`);
  return rows.length > 0 ? "done" : "known";
}

async function withTimeout(
  module: string,
  event: EventEnvelope,
  milliseconds: number,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new EventsError("REACTION_TIMEOUT", { module, type: event.type, milliseconds });
      controller.abort(error);
      reject(error);
    }, milliseconds);
  });
  try {
    await Promise.race([work(controller.signal), expired]);
  } finally {
    clearTimeout(timer);
  }
}
