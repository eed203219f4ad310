/** The operator's side of `kernel.parked`: seeing, retrying and discarding what failed. */
import type { EventEnvelope } from "@tessera/shared-types";
import type postgres from "postgres";
import { EventsError } from "./errors.js";
import type { DeadLetter, DeadLetterFilter, DeadLetters, OperatorScope } from "./operations.js";

export interface DeadLetterDesk {
  readonly sql: postgres.Sql;
  readonly scope: OperatorScope;
  /** `EVENT_INVALID` when a contract of the event is known and its payload does not match. */
  check(event: EventEnvelope): void;
  retryNow(): void;
}

export function deadLetters(desk: DeadLetterDesk): DeadLetters {
  return {
    list: (filter = {}) => list(desk, filter),
    get: (id) => get(desk, id),
    retry: (id, changes) => retry(desk, id, changes),
    discard: (id, { reason }) => discard(desk, id, reason),
  };
}

async function retry(desk: DeadLetterDesk, id: string, changes?: { readonly payload?: unknown }): Promise<void> {
  const edited = changes?.payload === undefined ? null : { ...(await get(desk, id)).event, payload: changes.payload };
  if (edited) desk.check(edited);
  const { sql } = desk;
  const changed = await sql`
    update kernel.parked set dead = false, attempts = 0, next_attempt_at = now(),
      event = coalesce(${edited && JSON.stringify(edited)}::text::json, event)
    where ${within(desk, id)} and dead and discarded_at is null`;
  if (changed.count === 0) throw new EventsError("DEAD_LETTER_NOT_FOUND", { id });
  desk.retryNow();
}

/** The mark outlives the record, which is cleaned up some day. */
async function discard(desk: DeadLetterDesk, id: string, reason: string): Promise<void> {
  const { sql, scope } = desk;
  const [gone] = await sql`
    with gone as (
      update kernel.parked set discarded_at = now(), discarded_by = ${scope.actorId}, discard_reason = ${reason}
      where ${within(desk, id)} and dead and discarded_at is null returning consumer, mark
    ), marked as (
      insert into kernel.seen (consumer, event_id) select consumer, mark from gone on conflict do nothing
    )
    select consumer from gone`;
  if (!gone) throw new EventsError("DEAD_LETTER_NOT_FOUND", { id });
}

async function get(desk: DeadLetterDesk, id: string): Promise<DeadLetter> {
  const [letter] = await read(desk, within(desk, id), 1);
  if (!letter) throw new EventsError("DEAD_LETTER_NOT_FOUND", { id });
  return letter;
}

function list(desk: DeadLetterDesk, filter: DeadLetterFilter): Promise<DeadLetter[]> {
  const { module = null, type = null, state = "dead", after = "0", limit = 100 } = filter;
  const { sql } = desk;
  const inState = {
    waiting: sql`not dead`,
    dead: sql`dead and discarded_at is null`,
    discarded: sql`discarded_at is not null`,
  }[state];
  const where = sql`${inState} and ${ofTenant(desk)} and seq > ${numeric(after)}::bigint
    and (${module}::text is null or consumer = ${module}) and (${type}::text is null or type = ${type})`;
  return read(desk, where, limit);
}

interface Row extends Omit<DeadLetter, "parkedAt" | "nextAttemptAt" | "discarded"> {
  readonly parkedMs: number;
  readonly nextMs: number;
  readonly discardedMs: number | null;
  readonly discardedBy: string | null;
  readonly reason: string;
}

async function read({ sql }: DeadLetterDesk, where: postgres.Fragment, limit: number): Promise<DeadLetter[]> {
  const rows = await sql<Row[]>`
    select seq::text as id, consumer as module, attempts, event, last_error as "lastError", last_stack as "lastStack",
      case when discarded_at is not null then 'discarded' when dead then 'dead' else 'waiting' end as state,
      extract(epoch from parked_at)::float8 * 1000 as "parkedMs",
      extract(epoch from next_attempt_at)::float8 * 1000 as "nextMs",
      extract(epoch from discarded_at)::float8 * 1000 as "discardedMs",
      discarded_by as "discardedBy", discard_reason as reason
    from kernel.parked where ${where} order by seq limit ${limit}`;
  return rows.map(({ parkedMs, nextMs, discardedMs, discardedBy, reason, ...row }) => ({
    ...row,
    parkedAt: new Date(parkedMs),
    nextAttemptAt: new Date(nextMs),
    discarded: discardedMs === null ? null : { at: new Date(discardedMs), by: discardedBy, reason },
  }));
}

const within = (desk: DeadLetterDesk, id: string): postgres.Fragment =>
  desk.sql`seq = ${numeric(id)}::bigint and ${ofTenant(desk)}`;

const ofTenant = ({ sql, scope }: DeadLetterDesk): postgres.Fragment =>
  sql`(${scope.tenantId}::text is null or tenant = ${scope.tenantId})`;

/** An id that is no number names no dead letter. */
const numeric = (id: string): string => (/^\d{1,18}$/.test(id) ? id : "-1");
