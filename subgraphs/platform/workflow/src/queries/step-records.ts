/** What is kept of steps and executions while they run. */
import { newId, type TenantDb } from "@tessera/database";
import { and, asc, eq, inArray, isNull, or, sql } from "drizzle-orm";
import { approvals, type ExecutionRow, executions, type StepRow, steps, tasks } from "../tables.js";

export type StepKey = Pick<StepRow, "executionId" | "path">;
export type BegunStep = StepKey &
  Pick<StepRow, "stepId" | "type" | "name" | "state" | "attempts" | "input" | "startedAt">;

const isStep = ({ executionId, path }: StepKey) => and(eq(steps.executionId, executionId), eq(steps.path, path));

/** The step as it begins, also when it begins anew. When it began first is kept. */
export async function beginStep(db: TenantDb, step: BegunStep): Promise<void> {
  const { state, attempts, input } = step;
  const anew = { state, attempts, input, output: null, problem: null, finishedAt: null };
  const undone = { undoState: "NONE", undoneAt: null, undoProblem: null } as const;
  await db
    .insert(steps)
    .values({ ...step, id: newId() })
    .onConflictDoUpdate({ target: [steps.executionId, steps.path], set: { ...anew, ...undone } });
}

/** `null` when it is not there any more. */
export async function changeStep(
  db: TenantDb,
  key: StepKey,
  change: Partial<Omit<StepRow, "id" | "tenantId" | "executionId" | "path">>,
): Promise<StepRow | null> {
  const [row] = await db.update(steps).set(change).where(isStep(key)).returning();
  return row ?? null;
}

export async function stepAt(db: TenantDb, key: StepKey): Promise<StepRow | null> {
  const [row] = await db.select().from(steps).where(isStep(key));
  return row ?? null;
}

/** Steps that are not done, as they end together with their execution. */
export async function endOpenSteps(db: TenantDb, executionId: string, at: Date): Promise<void> {
  await db
    .update(steps)
    .set({ state: "CANCELLED", finishedAt: at })
    .where(and(eq(steps.executionId, executionId), inArray(steps.state, ["RUNNING", "WAITING"])));
}

/** The step, and all that ended after it or not at all; returns their paths. */
export async function forgetStepsFrom(db: TenantDb, { executionId, path, finishedAt }: StepRow): Promise<string[]> {
  const later = finishedAt ? sql`${steps.finishedAt} > ${finishedAt.toISOString()}` : sql`false`;
  const gone = await db
    .delete(steps)
    .where(and(eq(steps.executionId, executionId), or(eq(steps.path, path), isNull(steps.finishedAt), later)))
    .returning({ path: steps.path });
  return gone.map((row) => row.path);
}

export async function countUndone(db: TenantDb, executionId: string): Promise<number> {
  const [row] = await db
    .select({ count: sql<number>`count(*)::int` })
    .from(steps)
    .where(and(eq(steps.executionId, executionId), eq(steps.undoState, "UNDONE")));
  return row?.count ?? 0;
}

/** The execution, locked until the transaction ends. */
export async function lockExecution(db: TenantDb, id: string): Promise<ExecutionRow | null> {
  const [row] = await db.select().from(executions).where(eq(executions.id, id)).for("update");
  return row ?? null;
}

export async function changeExecution(
  db: TenantDb,
  id: string,
  change: Partial<Pick<ExecutionRow, "state" | "output" | "problem" | "finishedAt">>,
): Promise<ExecutionRow | null> {
  if (Object.keys(change).length === 0) return lockExecution(db, id);
  const [row] = await db.update(executions).set(change).where(eq(executions.id, id)).returning();
  return row ?? null;
}

/** WAITING while every step that is not done waits, blocks left aside. What was paused or has ended stays as it is. */
export async function settleState(db: TenantDb, executionId: string): Promise<void> {
  const has = (state: "RUNNING" | "WAITING") => sql`exists (select 1 from ${steps}
    where ${steps.executionId} = ${executionId} and ${steps.state} = ${state} and ${steps.type} not in ('PARALLEL', 'LOOP'))`;
  await db
    .update(executions)
    .set({ state: sql`case when not ${has("RUNNING")} and ${has("WAITING")} then 'WAITING' else 'RUNNING' end` })
    .where(and(eq(executions.id, executionId), inArray(executions.state, ["RUNNING", "WAITING"])));
}

export type NewExecution = Omit<typeof executions.$inferInsert, "tenantId">;

/** `null` when one with its idempotency key is there already. */
export async function addExecution(db: TenantDb, row: NewExecution): Promise<ExecutionRow | null> {
  const [added] = await db.insert(executions).values(row).onConflictDoNothing().returning();
  return added ?? null;
}

export async function executionByKey(
  db: TenantDb,
  definitionId: string,
  idempotencyKey: string,
): Promise<ExecutionRow | null> {
  const [row] = await db
    .select()
    .from(executions)
    .where(and(eq(executions.definitionId, definitionId), eq(executions.idempotencyKey, idempotencyKey)));
  return row ?? null;
}

const unfinished = ["RUNNING", "WAITING", "PAUSED", "UNDOING", "STUCK"] as const;

/** Executions that steps of this one started and that have not ended. */
export async function unfinishedChildren(db: TenantDb, parentId: string): Promise<ExecutionRow[]> {
  return db
    .select()
    .from(executions)
    .where(and(eq(executions.parentId, parentId), inArray(executions.state, [...unfinished])))
    .orderBy(asc(executions.startedAt));
}

/** Executions that steps of this one started and that have completed. */
export async function completedChildren(db: TenantDb, parentId: string): Promise<ExecutionRow[]> {
  const isChild = eq(executions.parentId, parentId);
  return db
    .select()
    .from(executions)
    .where(and(isChild, eq(executions.state, "COMPLETED")));
}

/** Steps that begin anew ask anew: what they had asked for stays as history, without its place. */
export async function detachRequests(db: TenantDb, executionId: string, paths: readonly string[]): Promise<void> {
  if (paths.length === 0) return;
  for (const table of [tasks, approvals]) {
    await db
      .update(table)
      .set({ stepPath: null })
      .where(and(eq(table.executionId, executionId), inArray(table.stepPath, [...paths])));
  }
}
