/** Changes of a journal when a person lets a stuck process go on. */
import type { TenantDb } from "@tessera/database";
import { sql } from "drizzle-orm";
import { ProcessesError } from "../errors.js";
import type { InstanceRow } from "./rows.js";

/** Gives what failed for good its attempts anew: the undos, or the last step that failed. */
export async function tryAgain(db: TenantDb, { seq, undoing }: InstanceRow): Promise<void> {
  if (undoing) {
    await db.execute(sql`
      update kernel.process_step set status = 'DONE', undo_attempts = 0, due_at = null
      where process = ${seq} and status = 'UNDO_FAILED'`);
    return;
  }
  await db.execute(sql`
    update kernel.process_step set status = 'RETRYING', attempts = 0, position = null, due_at = null, finished_at = null
    where process = ${seq} and status = 'FAILED' and position = (
      select max(position) from kernel.process_step where process = ${seq} and status = 'FAILED')`);
}

/** Forgets the step and everything that ended after it or has not ended. */
export async function forgetFrom(db: TenantDb, { id, seq }: InstanceRow, step: string): Promise<void> {
  const [from] = await db.execute(sql`
    select coalesce(position, 2147483647) as position from kernel.process_step where process = ${seq} and name = ${step}`);
  if (!from) throw new ProcessesError("PROCESS_STEP_UNKNOWN", { id, step });
  const position = Number(from.position);
  const undone = await db.execute(sql`
    select name from kernel.process_step
    where process = ${seq} and position < ${position}::int and status in ('UNDONE', 'UNDO_FAILED') limit 1`);
  if (undone.length > 0) throw new ProcessesError("PROCESS_STEP_UNDONE", { id, step });
  await db.execute(sql`
    with forgotten as (
      delete from kernel.process_step where process = ${seq} and (position >= ${position}::int or position is null)
      returning name
    )
    delete from kernel.process_answer where process = ${seq} and name in (select name from forgotten)`);
}
