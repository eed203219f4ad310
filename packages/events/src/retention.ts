/** Removes what nobody needs any more. Only the active relay calls it. */
import type postgres from "postgres";
import type { Bus } from "./bus.js";

export interface Retention {
  readonly admin: postgres.Sql;
  readonly bus: Bus;
  /** How long events stay on the bus after every consumer has passed them. */
  readonly retentionMs: number;
}

/** Marks and records outlive the events they belong to, so that no event can come again without its mark. */
export async function cleanUp({ admin, bus, retentionMs }: Retention): Promise<void> {
  await bus.trim(retentionMs);
  const keptMs = 2 * retentionMs;
  await admin`delete from kernel.seen where seen_at < now() - ${keptMs}::float8 * interval '1 millisecond'`;
  await admin`delete from kernel.parked where discarded_at < now() - ${keptMs}::float8 * interval '1 millisecond'`;
}
