/** Events that somebody may wait for, kept from the start of a process that hears them until the last such has ended. */
import type { EventEnvelope } from "@tessera/shared-types";
import type postgres from "postgres";

/** Waking other workers, and telling those that run a process that something happened to it. */
export const channel = "tessera_process";

export class Inbox {
  constructor(readonly sql: postgres.Sql) {}

  /**
   * Stores the event if a process hears it, then makes due who waits for it. In this order and not in one transaction: a
   * wait is written down before it looks for events, so one of the two sees the other.
   */
  async hear(module: string, event: EventEnvelope, now: Date): Promise<void> {
    const { tenantId, type, aggregateId, occurredAt } = event;
    const { sql } = this;
    const rows = await sql`
      with heard as (
        select from kernel.process where tenant_id = ${tenantId} and module = ${module} and finished_at is null
          and hears <> '{}' and hears && array[${type}::text, '*'] limit 1
      ), stored as (
        insert into kernel.process_event (tenant_id, module, event, occurred_at)
        select ${tenantId}, ${module}, ${JSON.stringify(event)}::text::json, ${occurredAt} from heard
        on conflict do nothing
      )
      select from heard`;
    if (rows.length === 0) return;
    await sql`
      with woken as (
        update kernel.process set due_at = ${now} where state in ('RUNNING', 'WAITING') and seq in (
          select process from kernel.process_step
          where tenant_id = ${tenantId} and module = ${module} and waits_for = ${type} and status = 'WAITING'
            and (about is null or about = ${aggregateId}))
        returning seq
      )
      select pg_notify(${channel}, 'wake:' || seq) from woken`;
  }

  /** Removes what no unfinished process can wait for. Returns how many. */
  async trim(): Promise<number> {
    const rows = await this.sql`
      delete from kernel.process_event where seq in (
        select seq from kernel.process_event e where not exists (
          select from kernel.process p where p.tenant_id = e.tenant_id and p.module = e.module
            and p.finished_at is null and p.hears <> '{}' and p.started_at <= e.occurred_at
            and p.hears && array[e.type, '*'])
        order by seq limit 1000)
      returning seq`;
    return rows.length;
  }
}
