/** How far delivery is behind, for operators. */
import type postgres from "postgres";
import type { EventsStats } from "./events.js";

/** Beyond that "very many" is all an operator needs to know, and counting on would burden a database that lags already. */
const countedUpTo = 10_000;

/** One statement, so the three numbers are of one moment. Each count follows an index and stops at its bound. */
export async function backlog(sql: postgres.Sql): Promise<EventsStats> {
  const [row] = await sql<[EventsStats]>`
    select
      (select count(*)::int from (select from kernel.outbox limit ${countedUpTo}) o) as outbox,
      (select count(*)::int from (select from kernel.parked where not dead limit ${countedUpTo}) p) as parked,
      (select count(*)::int from (select from kernel.parked where dead and discarded_at is null limit ${countedUpTo}) d) as "deadLetters"`;
  return row;
}
