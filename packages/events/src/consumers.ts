/** Which modules consume events in all processes of the installation, and how far each of them is. */
import type postgres from "postgres";
import type { Bus } from "./bus.js";
import type { ConsumerState, OperatorScope } from "./operations.js";

const rateSeconds = 10;

/** So that operators see it from any process, also while it does not run. */
export async function registerConsumer(sql: postgres.Sql, consumer: string, types: readonly string[]): Promise<void> {
  await sql`
    insert into kernel.consumer (consumer, types) values (${consumer}, ${types as string[]}::text[])
    on conflict (consumer) do update set types = excluded.types where consumer.types <> excluded.types`;
}

interface Row {
  readonly module: string;
  readonly types: string[];
  readonly parked: number;
  readonly deadLetters: number;
  readonly oldestMs: number | null;
  readonly handledPerSecond: number;
}

export async function consumerStates(sql: postgres.Sql, bus: Bus, scope: OperatorScope): Promise<ConsumerState[]> {
  const rows = await sql<Row[]>`
    with parked as (
      select consumer, (count(*) filter (where not dead))::int as waiting, (count(*) filter (where dead))::int as dead,
        extract(epoch from min(parked_at) filter (where not dead))::float8 * 1000 as oldest
      from kernel.parked
      where discarded_at is null and (${scope.tenantId}::text is null or tenant = ${scope.tenantId})
      group by consumer
    ), handled as (
      select consumer, count(*)::float8 / ${rateSeconds} as rate from kernel.seen
      where seen_at > now() - ${rateSeconds} * interval '1 second' group by consumer
    )
    select consumer as module, types, coalesce(waiting, 0) as parked, coalesce(dead, 0) as "deadLetters",
      oldest as "oldestMs", coalesce(rate, 0) as "handledPerSecond"
    from kernel.consumer left join parked using (consumer) left join handled using (consumer) order by consumer`;
  const lags = await bus.lag(rows.map(({ module, types }) => ({ group: module, types })));
  return rows.map(({ oldestMs, ...row }, index) => {
    const { lag = 0, oldestAt = null } = lags[index] ?? {};
    const oldest = Math.min(oldestMs ?? Number.POSITIVE_INFINITY, oldestAt?.getTime() ?? Number.POSITIVE_INFINITY);
    return { ...row, lag, oldestWaitingAt: Number.isFinite(oldest) ? new Date(oldest) : null };
  });
}
