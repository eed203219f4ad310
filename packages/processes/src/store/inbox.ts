/** Events that somebody may wait for, kept from the start of a process that hears them until the last such has ended. */
import type { EventEnvelope } from "@tessera/shared-types";
import type postgres from "postgres";

/** Waking other workers, and telling those that run a process that something happened to it. */
export const channel = "tessera_process";

interface Arrival {
  readonly module: string;
  readonly event: EventEnvelope;
  readonly stored: (problem?: unknown) => void;
}

const most = 500;

export class Inbox {
  readonly #sql: postgres.Sql;
  readonly #now: () => Date;
  #arrived: Arrival[] = [];
  #storing = false;

  constructor(sql: postgres.Sql, now: () => Date) {
    this.#sql = sql;
    this.#now = now;
  }

  /** Resolves when the event is stored if anybody hears it, and who waits for it is due. Keeps the order of the calls. */
  hear(module: string, event: EventEnvelope): Promise<void> {
    return new Promise((resolve, reject) => {
      const stored = (problem?: unknown) => (problem === undefined ? resolve() : reject(problem));
      this.#arrived.push({ module, event, stored });
      if (!this.#storing) void this.#storeAll();
    });
  }

  async #storeAll(): Promise<void> {
    this.#storing = true;
    while (this.#arrived.length > 0) {
      const batch = this.#arrived.splice(0, most);
      const problem = await this.#store(batch).catch((error: unknown) => error ?? new Error("unknown"));
      for (const { stored } of batch) stored(problem);
    }
    this.#storing = false;
  }

  /**
   * First the events, then who waits, and not in one transaction: a wait is written down before it looks for events, so
   * one of the two sees the other.
   */
  async #store(batch: readonly Arrival[]): Promise<void> {
    const sql = this.#sql;
    const text = JSON.stringify(batch.map(({ module, event }) => ({ module, event })));
    const arrived = sql`
      select (item->'event'->>'tenantId')::uuid as tenant_id, item->>'module' as module, item->'event' as event,
        item->'event'->>'type' as type, item->'event'->>'aggregateId' as about, turn
      from json_array_elements(${text}::text::json) with ordinality as items (item, turn)`;
    const heard = await sql<{ turn: string }[]>`
      with arrived as materialized (${arrived}), heard as materialized (
        select * from arrived a where exists (
          select from kernel.process p where p.tenant_id = a.tenant_id and p.module = a.module
            and p.finished_at is null and p.hears <> '{}' and p.hears && array[a.type, '*'])
      ), stored as (
        insert into kernel.process_event (tenant_id, module, event, occurred_at)
        select tenant_id, module, event, (event->>'occurredAt')::timestamptz from heard order by turn
        on conflict do nothing
      )
      select turn from heard`;
    if (heard.length === 0) return;
    await sql`
      with arrived as materialized (${arrived}), waiting as (
        select distinct s.process from arrived a join kernel.process_step s
          on s.tenant_id = a.tenant_id and s.module = a.module and s.waits_for = a.type and s.status = 'WAITING'
          and (s.about is null or s.about = a.about)
        where a.turn = any(${heard.map(({ turn }) => String(turn))}::bigint[])
      ), woken as (
        update kernel.process set due_at = ${this.#now()} where seq in (
          select seq from kernel.process where state in ('RUNNING', 'WAITING') and seq in (select process from waiting)
          order by seq for update)
        returning seq
      )
      select pg_notify(${channel}, 'wake:' || seq) from woken`;
  }
}

/** Removes what no unfinished process can wait for, a thousand at a time. Returns how many. */
export async function trimEvents(sql: postgres.Sql): Promise<number> {
  const rows = await sql`
    delete from kernel.process_event where seq in (
      select seq from kernel.process_event e where not exists (
        select from kernel.process p where p.tenant_id = e.tenant_id and p.module = e.module
          and p.finished_at is null and p.hears <> '{}' and p.started_at <= e.occurred_at
          and p.hears && array[e.type, '*'])
      order by seq limit 1000)
    returning seq`;
  return rows.length;
}
