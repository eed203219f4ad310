/** Tasks and what was done with them. */
import { type Connection, groupByKey, type PageArguments, paginate, readById, type TenantDb } from "@tessera/database";
import { and, asc, eq, inArray, isNotNull, or, type SQL, sql } from "drizzle-orm";
import { type TaskRow, type TrailRow, tasks, trail } from "../tables.js";

export const tasksById = readById(tasks);

/** What somebody sees as theirs: their id and the roles they have. */
export interface Identity {
  readonly id: string;
  readonly roles: readonly string[];
}

const dueFirst = [
  { column: tasks.dueAt, direction: "asc" },
  { column: tasks.createdAt, direction: "asc" },
] as const;

/** Open for somebody of the roles; once it was escalated to one of them, also while somebody has it. */
function claimable({ id, roles }: Identity): SQL | undefined {
  const wanted = [...roles];
  if (wanted.length === 0) return sql`false`;
  const escalated = and(
    inArray(tasks.escalateTo, wanted),
    isNotNull(tasks.escalatedAt),
    inArray(tasks.state, ["OPEN", "CLAIMED"]),
    sql`${tasks.assigneeId} is distinct from ${id}`,
  );
  return or(and(eq(tasks.state, "OPEN"), inArray(tasks.role, wanted)), escalated);
}

/** `claimed`: only what they have, or only what they could claim; `null`: both. */
export function pageOfTasksFor(
  db: TenantDb,
  identity: Identity,
  claimed: boolean | null,
  page: PageArguments,
): Promise<Connection<TaskRow>> {
  const had = and(eq(tasks.assigneeId, identity.id), eq(tasks.state, "CLAIMED"));
  const where = claimed === null ? or(had, claimable(identity)) : claimed ? had : claimable(identity);
  return paginate(db, { from: tasks, where, orderBy: dueFirst, page });
}

export async function tasksOfExecutions(db: TenantDb, ids: readonly string[]): Promise<TaskRow[][]> {
  const rows = await db
    .select()
    .from(tasks)
    .where(inArray(tasks.executionId, [...ids]))
    .orderBy(asc(tasks.createdAt), asc(tasks.id));
  return groupByKey(ids, rows, (row) => row.executionId as string);
}

export type NewTask = Omit<typeof tasks.$inferInsert, "tenantId">;

/** `null` when the step has a task already. */
export async function addTask(db: TenantDb, row: NewTask): Promise<TaskRow | null> {
  const [added] = await db.insert(tasks).values(row).onConflictDoNothing().returning();
  return added ?? null;
}

/** The task, locked until the transaction ends: of two who claim it, one gets it. */
export async function lockTask(db: TenantDb, id: string): Promise<TaskRow | null> {
  const [row] = await db.select().from(tasks).where(eq(tasks.id, id)).for("update");
  return row ?? null;
}

export async function changeTask(db: TenantDb, id: string, change: Partial<NewTask>): Promise<TaskRow> {
  const [changed] = await db.update(tasks).set(change).where(eq(tasks.id, id)).returning();
  return changed as TaskRow;
}

/** Tasks of an execution that nobody has completed. */
export async function unfinishedTasks(db: TenantDb, executionId: string): Promise<TaskRow[]> {
  const open = and(eq(tasks.executionId, executionId), inArray(tasks.state, ["OPEN", "CLAIMED"]));
  return db.select().from(tasks).where(open).for("update");
}

/** By when it was done. */
export async function trailOf(db: TenantDb, ids: readonly string[]): Promise<TrailRow[][]> {
  const rows = await db
    .select()
    .from(trail)
    .where(inArray(trail.subjectId, [...ids]))
    .orderBy(asc(trail.at), asc(trail.id));
  return groupByKey(ids, rows, (row) => row.subjectId);
}

export async function addToTrail(db: TenantDb, row: Omit<typeof trail.$inferInsert, "tenantId">): Promise<void> {
  await db.insert(trail).values(row);
}
