/** What people decide about a process: applied at once when nobody runs it, else by who does. */
import { sql } from "drizzle-orm";
import type postgres from "postgres";
import { ProcessesError, recordError } from "../errors.js";
import type { ProcessState } from "../processes.js";
import type { InstanceRow, Intent } from "./rows.js";

interface Decided {
  readonly state: ProcessState;
  readonly undoing: boolean;
  /** JSON text; `null` keeps what is there. */
  readonly error: string | null;
  readonly finishedAt: Date | null;
  readonly dueAt: Date | null;
}

export function decided({ undoing, error }: InstanceRow, intent: Intent, now: Date): Decided {
  const cancelled = error ?? JSON.stringify(recordError(new ProcessesError("PROCESS_CANCELLED"), ""));
  switch (intent) {
    case "PAUSE":
      return { state: "PAUSED", undoing, error: null, finishedAt: null, dueAt: null };
    case "CANCEL":
      return { state: "CANCELLED", undoing, error: cancelled, finishedAt: now, dueAt: null };
    case "UNDO":
      return { state: "UNDOING", undoing: true, error: cancelled, finishedAt: null, dueAt: now };
  }
}

/** For the module, when nobody has claimed the process. */
export function decide({ seq }: InstanceRow, { state, undoing, error, finishedAt, dueAt }: Decided) {
  return sql`update kernel.process set intent = null, state = ${state}, undoing = ${undoing}::boolean,
    error = coalesce(${error}::json, error), finished_at = ${finishedAt}::timestamptz, due_at = ${dueAt}::timestamptz,
    changed_at = now() where seq = ${seq}`;
}

/** For the worker that has claimed it, which gives it back by this. */
export async function decideClaimed(
  admin: postgres.Sql,
  { seq, claim }: InstanceRow,
  { state, undoing, error, finishedAt, dueAt }: Decided,
): Promise<boolean> {
  const rows = await admin`
    update kernel.process set intent = null, state = ${state}, undoing = ${undoing},
      error = coalesce(${error}::text::json, error), finished_at = ${finishedAt}, due_at = ${dueAt}, lease_until = null,
      worker = null, changed_at = now()
    where seq = ${String(seq)} and claim = ${String(claim)} returning seq`;
  return rows.length > 0;
}
