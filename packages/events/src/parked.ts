/** Storage of events whose reaction failed or must wait behind one that failed: retry queue and dead letters in one. */
import type { EventEnvelope } from "@tessera/shared-types";
import type postgres from "postgres";
import type { RetryPolicy } from "./events.js";
import { markOf } from "./marks.js";

export interface ParkedEvent {
  readonly seq: string;
  readonly consumer: string;
  readonly event: EventEnvelope;
  /** Attempts made so far. */
  readonly attempts: number;
}

interface Failure {
  readonly error: unknown;
  readonly policy: RetryPolicy;
}

export class ParkedEvents {
  constructor(readonly sql: postgres.Sql) {}

  /** After a first failed attempt, or (without `failure`) behind events that are parked already. */
  async park(consumer: string, events: readonly EventEnvelope[], failure?: Failure): Promise<void> {
    const attempts = failure ? 1 : 0;
    const rows = JSON.stringify(events.map((event) => ({ event, mark: markOf(event) })));
    await this.sql`
      insert into kernel.parked (consumer, event, mark, attempts, next_attempt_at, last_error, last_stack, dead)
      select ${consumer}, row->'event', (row->>'mark')::uuid, ${attempts}::int,
        now() + ${failure ? delayMs(attempts, failure.policy) : 0}::float8 * interval '1 millisecond',
        ${failure ? describe(failure.error) : null}, ${failure ? stackOf(failure.error) : null},
        ${failure ? attempts >= failure.policy.attempts : false}
      from json_array_elements(${rows}::text::json) with ordinality as rows (row, place)
      where not exists (select from kernel.seen where consumer = ${consumer} and event_id = (row->>'mark')::uuid)
      order by place
      on conflict (consumer, mark) do nothing`;
  }

  /** Due events that are the first of their consumer, tenant and aggregate. Nobody else gets them for `leaseMs`. */
  async claimDue(consumers: readonly string[], leaseMs: number, limit: number): Promise<ParkedEvent[]> {
    return this.sql<ParkedEvent[]>`
      update kernel.parked set next_attempt_at = now() + ${leaseMs}::float8 * interval '1 millisecond'
      where seq in (
        select p.seq from kernel.parked p
        where not p.dead and p.next_attempt_at <= now() and p.consumer = any (${consumers as string[]}::text[])
          and not exists (
            select from kernel.parked e where not e.dead and e.consumer = p.consumer and e.tenant = p.tenant
              and e.aggregate_id = p.aggregate_id and e.seq < p.seq)
        order by p.next_attempt_at limit ${limit} for update skip locked)
      returning seq::text, consumer, event, attempts`;
  }

  /** The next of the queue that `done` was the first of, if it is due. */
  async claimNext(done: ParkedEvent, leaseMs: number): Promise<ParkedEvent | undefined> {
    const { consumer, event } = done;
    const [next] = await this.sql<ParkedEvent[]>`
      update kernel.parked set next_attempt_at = now() + ${leaseMs}::float8 * interval '1 millisecond'
      where next_attempt_at <= now() and seq = (
        select min(seq) from kernel.parked
        where not dead and consumer = ${consumer} and tenant = ${event.tenantId} and aggregate_id = ${event.aggregateId})
      returning seq::text, consumer, event, attempts`;
    return next;
  }

  async remove({ seq }: ParkedEvent): Promise<void> {
    await this.sql`delete from kernel.parked where seq = ${seq}::bigint`;
  }

  /** True when that was the last attempt. */
  async failed({ seq, attempts }: ParkedEvent, { error, policy }: Failure): Promise<boolean> {
    const dead = attempts + 1 >= policy.attempts;
    await this.sql`
      update kernel.parked set attempts = attempts + 1, dead = ${dead}, last_error = ${describe(error)}, last_stack = ${stackOf(error)},
        next_attempt_at = now() + ${delayMs(attempts + 1, policy)}::float8 * interval '1 millisecond'
      where seq = ${seq}::bigint`;
    return dead;
  }

  async hasDue(consumers: readonly string[]): Promise<boolean> {
    const [row] = await this.sql<{ due: boolean }[]>`
      select exists (select from kernel.parked where not dead and next_attempt_at <= now()
        and consumer = any (${consumers as string[]}::text[])) as due`;
    return row?.due ?? false;
  }
}

/** Full jitter: any moment up to the exponential bound. */
function delayMs(attempt: number, { baseMs, capMs }: RetryPolicy): number {
  return Math.random() * Math.min(capMs, baseMs * 2 ** (attempt - 1));
}

/** The cause is what the database or the code really said. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error).slice(0, 2000);
  const code = "code" in error ? `${String(error.code)}: ` : "";
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : "";
  return `${code}${error.message}${cause}`.slice(0, 2000);
}

function stackOf(error: unknown): string | null {
  return error instanceof Error ? ((error.stack ?? null)?.slice(0, 8000) ?? null) : null;
}
