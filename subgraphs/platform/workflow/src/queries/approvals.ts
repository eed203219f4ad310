/** Approvals and the votes they ask for. */
import { type Connection, groupByKey, type PageArguments, paginate, readById, type TenantDb } from "@tessera/database";
import { and, asc, eq, exists, inArray, isNull, notExists, or, type SQL, sql } from "drizzle-orm";
import { type ApprovalRow, approvals, type VoteRow, votes } from "../tables.js";
import type { Identity } from "./tasks.js";

export const approvalsById = readById(approvals);

export async function votesOfApprovals(db: TenantDb, ids: readonly string[]): Promise<VoteRow[][]> {
  const rows = await db
    .select()
    .from(votes)
    .where(inArray(votes.approvalId, [...ids]))
    .orderBy(asc(votes.position));
  return groupByKey(ids, rows, (row) => row.approvalId);
}

export async function approvalsOfExecutions(db: TenantDb, ids: readonly string[]): Promise<ApprovalRow[][]> {
  const rows = await db
    .select()
    .from(approvals)
    .where(inArray(approvals.executionId, [...ids]))
    .orderBy(asc(approvals.createdAt), asc(approvals.id));
  return groupByKey(ids, rows, (row) => row.executionId as string);
}

/** Pending ones that wait for a vote of this person; with `roles`, also for one of anybody of them. */
export function pageOfApprovalsFor(
  db: TenantDb,
  { id, roles }: Identity,
  page: PageArguments,
): Promise<Connection<ApprovalRow>> {
  const own = (where: SQL | undefined) =>
    db
      .select({ one: sql`1` })
      .from(votes)
      .where(and(eq(votes.approvalId, approvals.id), where));
  const asked = own(
    and(
      isNull(votes.decision),
      or(eq(votes.personId, id), roles.length > 0 ? inArray(votes.role, [...roles]) : undefined),
    ),
  );
  const escalated =
    roles.length > 0
      ? and(inArray(approvals.escalateTo, [...roles]), sql`${approvals.escalatedAt} is not null`)
      : undefined;
  const requester = or(eq(approvals.requesterMayDecide, true), sql`${approvals.requestedBy} is distinct from ${id}`);
  return paginate(db, {
    from: approvals,
    where: and(
      eq(approvals.state, "PENDING"),
      or(exists(asked), escalated),
      notExists(own(eq(votes.decidedBy, id))),
      requester,
    ),
    orderBy: [
      { column: approvals.dueAt, direction: "asc" },
      { column: approvals.createdAt, direction: "asc" },
    ],
    page,
  });
}

export type NewApproval = Omit<typeof approvals.$inferInsert, "tenantId">;
export type NewVote = Pick<typeof votes.$inferInsert, "position" | "personId" | "role">;

/** `null` when the step has one already. */
export async function addApproval(
  db: TenantDb,
  row: NewApproval,
  asked: readonly NewVote[],
): Promise<ApprovalRow | null> {
  const [added] = await db.insert(approvals).values(row).onConflictDoNothing().returning();
  if (!added) return null;
  await db.insert(votes).values(asked.map((vote) => ({ ...vote, approvalId: added.id })));
  return added;
}

/** The approval, locked until the transaction ends: votes are counted one after the other. */
export async function lockApproval(db: TenantDb, id: string): Promise<ApprovalRow | null> {
  const [row] = await db.select().from(approvals).where(eq(approvals.id, id)).for("update");
  return row ?? null;
}

export async function changeApproval(db: TenantDb, id: string, change: Partial<NewApproval>): Promise<ApprovalRow> {
  const [changed] = await db.update(approvals).set(change).where(eq(approvals.id, id)).returning();
  return changed as ApprovalRow;
}

export async function changeVote(db: TenantDb, id: string, change: Partial<typeof votes.$inferInsert>): Promise<void> {
  await db.update(votes).set(change).where(eq(votes.id, id));
}

/** Approvals of an execution that are not decided. */
export async function undecidedApprovals(db: TenantDb, executionId: string): Promise<ApprovalRow[]> {
  const open = and(eq(approvals.executionId, executionId), eq(approvals.state, "PENDING"));
  return db.select().from(approvals).where(open).for("update");
}
