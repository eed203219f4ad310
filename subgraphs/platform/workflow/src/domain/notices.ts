/** What was done is written down, and told to those whom it concerns. */
import { platformEvents } from "@tessera/shared-types";
import type { Context, Transaction } from "@tessera/subgraph";
import type { NewVote } from "../queries/approvals.js";
import { addToTrail } from "../queries/tasks.js";
import type { ApprovalRow, TaskRow, trailActions, VoteRow } from "../tables.js";
import { personOf } from "./who.js";

type TrailAction = (typeof trailActions)[number];
type TaskChange = Exclude<TrailAction, "APPROVED" | "REJECTED">;

interface TrailFacts {
  readonly note?: string;
  /** Delegated to. */
  readonly personId?: string;
  /** Escalated to. */
  readonly role?: string;
  /** Who had it before. */
  readonly formerId?: string | null;
}

/** Writes down what was done with a task, and tells who has it, had it, or may claim it. */
export async function tellOfTask(
  ctx: Context,
  tx: Transaction,
  task: TaskRow,
  change: TaskChange,
  { formerId, ...facts }: TrailFacts = {},
): Promise<void> {
  await addToTrail(tx, { subjectId: task.id, action: change, actorId: personOf(ctx), at: ctx.now(), ...facts });
  const { people, roles } = askedByTask(task);
  const { id: taskId, executionId, title, dueAt } = task;
  const payload = {
    taskId,
    executionId,
    title,
    people: [...new Set([...people, ...(formerId ? [formerId] : [])])],
    roles,
    dueAt: dueAt?.toISOString() ?? null,
    change,
  };
  tx.publish(platformEvents.workflowTaskChanged, { aggregateId: taskId, payload });
}

/** Who may do it now. */
interface AskedNow {
  readonly people: string[];
  readonly roles: string[];
}

/** Who has it, or may claim it. */
export function askedByTask({ assigneeId, role, escalateTo, escalatedAt }: TaskRow): AskedNow {
  const roles = [role, escalatedAt ? escalateTo : null];
  return { people: assigneeId === null ? [] : [assigneeId], roles: roles.filter((each) => each !== null) };
}

type Vote = NewVote & Partial<Pick<VoteRow, "decision">>;

/** Those whose votes are missing, and after an escalation those of its role. */
export function askedByApproval({ escalateTo, escalatedAt }: ApprovalRow, votes: readonly Vote[]): AskedNow {
  const left = votes.filter(({ decision }) => (decision ?? null) === null);
  const roles = [...left.flatMap(({ role }) => role ?? []), ...(escalatedAt && escalateTo ? [escalateTo] : [])];
  return { people: left.flatMap(({ personId }) => personId ?? []), roles: [...new Set(roles)] };
}

type Late = Pick<TaskRow & ApprovalRow, "id" | "executionId" | "title" | "dueAt" | "escalateTo" | "escalatedAt">;

/** It was due and is not done. */
export function tellOfBreach(tx: Transaction, subject: "TASK" | "APPROVAL", late: Late, asked: AskedNow): void {
  const { id: subjectId, executionId, title, dueAt, escalateTo, escalatedAt } = late;
  if (dueAt === null) return;
  const escalatedTo = escalatedAt === null ? null : escalateTo;
  const payload = { subject, subjectId, executionId, title, ...asked, dueAt: dueAt.toISOString(), escalatedTo };
  tx.publish(platformEvents.workflowSlaBreached, { aggregateId: subjectId, payload });
}

type Asking = "CREATED" | "DELEGATED" | "WARNED" | "ESCALATED";

/** Tells those who are asked by it now. */
export function askFor(tx: Transaction, approval: ApprovalRow, votes: readonly Vote[], change: Asking): void {
  const { id: approvalId, executionId, title, dueAt } = approval;
  const asked = askedByApproval(approval, votes);
  const payload = { approvalId, executionId, title, ...asked, dueAt: dueAt?.toISOString() ?? null, change };
  tx.publish(platformEvents.workflowApprovalRequested, { aggregateId: approvalId, payload });
}
