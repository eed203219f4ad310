/** Which worker has which process. As owner of the tables, across tenants; leases use the database's clock. */
import type postgres from "postgres";
import type { RecordedError } from "../errors.js";
import type { Known } from "../registry.js";
import { columns, type InstanceRow } from "./rows.js";

export interface ClaimRequest {
  readonly worker: string;
  readonly known: Known;
  readonly now: Date;
  readonly leaseMs: number;
  readonly limit: number;
}

type Claimed = Pick<InstanceRow, "seq" | "claim">;
const claimOf = ({ seq, claim }: Claimed): [string, string] => [String(seq), String(claim)];

export class Claims {
  constructor(readonly sql: postgres.Sql) {}

  /**
   * Takes what is due. Each tenant's oldest first, and tenants in turn: whoever has less running comes before whoever has
   * more, however much is due for one of them.
   */
  async take({ worker, known, now, leaseMs, limit }: ClaimRequest): Promise<InstanceRow[]> {
    const { sql } = this;
    return sql<InstanceRow[]>`
      with recursive known as (
        select * from unnest(${known.modules}::text[], ${known.names}::text[], ${known.versions}::int[])
          as known (module, name, version)
      ), tenant as (
        (select tenant_id as id from kernel.process where due_at <= ${now} and lease_until is null
          order by tenant_id limit 1)
        union all
        select (select tenant_id from kernel.process where due_at <= ${now} and lease_until is null
          and tenant_id > tenant.id order by tenant_id limit 1)
        from tenant where tenant.id is not null
      ), busy as (
        select tenant_id, count(*) as running from kernel.process where lease_until is not null group by tenant_id
      ), candidate as (
        select due.seq, due.due_at, coalesce(busy.running, 0) + due.turn as rank
        from tenant left join busy on busy.tenant_id = tenant.id cross join lateral (
          select seq, due_at, row_number() over (order by due_at, seq) as turn
          from kernel.process join known using (module, name, version)
          where tenant_id = tenant.id and due_at <= ${now} and lease_until is null
          order by due_at, seq limit ${limit}
        ) due
      ), picked as materialized (
        select seq from kernel.process
        where seq in (select seq from candidate order by rank, due_at limit ${limit})
          and due_at <= ${now} and lease_until is null
        for update skip locked
      )
      update kernel.process set worker = ${worker}, claim = claim + 1, due_at = null,
        lease_until = clock_timestamp() + ${leaseMs} * interval '1 millisecond',
        state = case state when 'WAITING' then 'RUNNING' else state end
      where seq in (select seq from picked)
      returning ${sql.unsafe(columns.instance)}`;
  }

  /** When the next one is due, or `null`. */
  async nextDue(): Promise<number | null> {
    const [row] = await this.sql<{ due: number | null }[]>`
      select (extract(epoch from min(due_at)) * 1000)::float8 as due from kernel.process
      where due_at is not null and lease_until is null`;
    return row?.due ?? null;
  }

  /** Those whose lease was renewed. */
  async renew(worker: string, claimed: readonly Claimed[], leaseMs: number): Promise<Set<string>> {
    const seqs = claimed.map(({ seq }) => String(seq));
    const claims = claimed.map(({ claim }) => String(claim));
    // Everybody locks several processes in the order of their numbers.
    const rows = await this.sql<{ seq: unknown }[]>`
      with held as materialized (
        select p.seq from kernel.process p
        join unnest(${seqs}::bigint[], ${claims}::bigint[]) as mine (seq, claim) using (seq, claim)
        where p.worker = ${worker} and p.lease_until is not null order by p.seq for update of p
      )
      update kernel.process set lease_until = clock_timestamp() + ${leaseMs} * interval '1 millisecond'
      where seq in (select seq from held) returning seq`;
    return new Set(rows.map(({ seq }) => String(seq)));
  }

  /** Makes due again what dead workers had. A worker that is only slow finds its claim gone. */
  async expire(now: Date): Promise<number> {
    const rows = await this.sql`
      update kernel.process set lease_until = null, worker = null, claim = claim + 1, due_at = ${now}
      where seq in (select seq from kernel.process where lease_until < clock_timestamp() order by seq for update skip locked)
        and lease_until < clock_timestamp()
      returning seq`;
    return rows.length;
  }

  /** Gives a process back. What was signalled meanwhile has made it due already. */
  async release(claimed: Claimed, dueAt: Date | null, waiting: boolean): Promise<boolean> {
    const [seq, claim] = claimOf(claimed);
    const rows = await this.sql`
      update kernel.process set lease_until = null, worker = null, due_at = coalesce(due_at, ${dueAt}),
        state = case when undoing then 'UNDOING' when ${waiting} then 'WAITING' else state end, changed_at = now()
      where seq = ${seq} and claim = ${claim} returning seq`;
    return rows.length > 0;
  }

  async makeDue({ seq }: Claimed, now: Date): Promise<void> {
    await this.sql`
      update kernel.process set due_at = ${now} where seq = ${String(seq)} and state in ('RUNNING', 'WAITING')`;
  }

  /** False when the claim is gone, or when somebody has decided otherwise meanwhile. */
  async finish(
    claimed: Claimed,
    { state, output, now }: { state: string; output: string | null; now: Date },
  ): Promise<boolean> {
    const [seq, claim] = claimOf(claimed);
    const rows = await this.sql`
      update kernel.process set state = ${state}, output = ${output}::text::json, intent = null, lease_until = null,
        worker = null, due_at = null, finished_at = ${now}, changed_at = now()
      where seq = ${seq} and claim = ${claim} and (${state} = 'UNDONE' or coalesce(intent, 'PAUSE') = 'PAUSE')
      returning seq`;
    return rows.length > 0;
  }

  async stick(claimed: Claimed, error: RecordedError): Promise<boolean> {
    const [seq, claim] = claimOf(claimed);
    const rows = await this.sql`
      update kernel.process set state = 'STUCK', error = ${JSON.stringify(error)}::text::json, lease_until = null,
        worker = null, due_at = case when intent is null then null else now() end, changed_at = now()
      where seq = ${seq} and claim = ${claim} returning seq`;
    return rows.length > 0;
  }

  async beginUndo(claimed: Claimed, error: RecordedError): Promise<boolean> {
    const [seq, claim] = claimOf(claimed);
    const rows = await this.sql`
      update kernel.process set state = 'UNDOING', undoing = true, error = ${JSON.stringify(error)}::text::json,
        changed_at = now()
      where seq = ${seq} and claim = ${claim} returning seq`;
    return rows.length > 0;
  }
}
