/** Repeats events of the past. They travel the way new ones do: outbox, relay, bus. */
import { setTimeout as sleep } from "node:timers/promises";
import type { EventEnvelope } from "@tessera/shared-types";
import type postgres from "postgres";
import type { Bus } from "./bus.js";
import { EventsError } from "./errors.js";
import type { OperatorScope, Replay } from "./operations.js";

/** A consumer further behind gets no more until it has caught up. */
const lagAtMost = 5000;
const lookMs = 50;

export async function resend(
  sql: postgres.Sql,
  bus: Bus,
  { tenantId }: OperatorScope,
  events: readonly EventEnvelope[],
  { id, consumer }: Replay,
): Promise<void> {
  const foreign = events.find((event) => tenantId !== null && event.tenantId !== tenantId);
  if (foreign) throw new EventsError("EVENT_OF_OTHER_TENANT", { id: foreign.id });
  if (events.length === 0) return;
  const rows = JSON.stringify(events.map((event) => ({ ...event, replay: { id, consumer } })));
  const [last] = await sql<{ seq: string }[]>`
    with written as (
      insert into kernel.outbox (event) select event from json_array_elements(${rows}::text::json) event returning seq
    ), told as (select pg_notify('tessera_outbox', ''))
    select max(seq)::text as seq from written, told`;
  while (!(await relayed(sql, last?.seq ?? "0"))) await sleep(lookMs);
  if (consumer) while (await isFarBehind(sql, bus, consumer)) await sleep(lookMs);
}

async function relayed(sql: postgres.Sql, seq: string): Promise<boolean> {
  const [row] = await sql<{ done: boolean }[]>`
    select not exists (select from kernel.outbox where seq <= ${seq}::bigint) as done`;
  return row?.done ?? false;
}

async function isFarBehind(sql: postgres.Sql, bus: Bus, group: string): Promise<boolean> {
  const [row] = await sql<{ types: string[] }[]>`select types from kernel.consumer where consumer = ${group}`;
  if (!row) return false;
  const [state] = await bus.lag([{ group, types: row.types }]);
  return (state?.lag ?? 0) > lagAtMost;
}
