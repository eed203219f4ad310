/** What stands in `kernel.seen` for one delivery, and what it says about delivering it again. */
import { createHash } from "node:crypto";
import type { TenantDb } from "@tessera/database";
import type { EventEnvelope } from "@tessera/shared-types";
import { sql } from "drizzle-orm";

/** The event's id; for a repeated one an id of its own (UUIDv5, RFC 9562), so that each replay runs once. */
export function markOf({ id, replay }: EventEnvelope): string {
  if (!replay) return id;
  const namespace = Buffer.from(replay.id.replaceAll("-", ""), "hex");
  const hash = createHash("sha1").update(namespace).update(id).digest("hex");
  const variant = ((Number.parseInt(hash.charAt(16), 16) & 3) | 8).toString(16);
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-5${hash.slice(13, 16)}-${variant}${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}

/** `behind`: an earlier event of the same aggregate is parked. `known`: handled before, parked itself, or given up. */
export type Outcome = "done" | "known" | "behind";

/**
 * Inserts the marks of what is to run now: the first statement of a turn. A concurrent delivery of the same event waits
 * here. Parked events hold back what comes after them; a retry is the first of those, so it looks at none.
 */
export async function writeMarks(
  db: TenantDb,
  module: string,
  events: readonly EventEnvelope[],
  isRetry: boolean,
): Promise<Outcome[]> {
  const marks = events.map(markOf);
  const due = JSON.stringify(
    events.map(({ tenantId, aggregateId }, place) => ({ place, mark: marks[place], tenantId, aggregateId })),
  );
  const rows = await db.execute<{ outcome: Outcome }>(sql`
    with due as materialized (
      select place, mark,
        not ${isRetry}::boolean and exists (
          select from kernel.parked p where p.consumer = ${module} and p.tenant = d."tenantId"
            and p.aggregate_id = d."aggregateId" and not p.dead) as behind,
        not ${isRetry}::boolean and exists (
          select from kernel.parked p where p.consumer = ${module} and p.mark = d.mark) as parked
      from json_to_recordset(${due}::text::json) as d (place int, mark uuid, "tenantId" text, "aggregateId" text)
    ), marked as (
      insert into kernel.seen (consumer, event_id) select ${module}, mark from due where not (behind or parked)
      order by place on conflict do nothing returning event_id
    )
    select case when event_id is not null then 'done' when behind and not parked then 'behind' else 'known' end
      as outcome
    from due left join marked on event_id = mark order by place`);
  // An event that is twice in one turn is done once.
  const done = new Set<string | undefined>();
  return rows.map(({ outcome }, place) => (done.size === done.add(marks[place]).size ? "known" : outcome));
}
