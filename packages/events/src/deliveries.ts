/** What became of events in each consumer: handled, waiting for another attempt, or given up. */
import type postgres from "postgres";
import type { DeliveryState, OperatorScope } from "./operations.js";

type Row = Omit<DeliveryState, "handledAt"> & { readonly handledMs: number | null };

/** First deliveries only: a replay has marks of its own. Marks are kept for twice the retention of events. */
export async function deliveryStates(
  sql: postgres.Sql,
  { tenantId }: OperatorScope,
  eventIds: readonly string[],
): Promise<DeliveryState[]> {
  if (eventIds.length === 0) return [];
  const ids = sql`${eventIds as string[]}::uuid[]`;
  const rows = await sql<Row[]>`
    with parked as (
      select event_id, consumer, attempts, last_error, dead from kernel.parked
      where mark = any (${ids}) and mark = event_id and (${tenantId}::text is null or tenant = ${tenantId})
    )
    select s.event_id as "eventId", consumer, case when p.dead then 'discarded' else 'handled' end as state,
      coalesce(p.attempts, 0) as attempts, p.last_error as "lastError",
      extract(epoch from s.seen_at)::float8 * 1000 as "handledMs"
    from kernel.consumer join kernel.seen s using (consumer) left join parked p using (event_id, consumer)
    where s.event_id = any (${ids})
    union all
    select event_id, consumer, case when dead then 'dead' else 'waiting' end, attempts, last_error, null
    from parked where not exists (
      select from kernel.seen s where s.event_id = parked.event_id and s.consumer = parked.consumer)
    order by 1, 2`;
  return rows.map(({ handledMs, ...row }) => ({ ...row, handledAt: handledMs === null ? null : new Date(handledMs) }));
}
