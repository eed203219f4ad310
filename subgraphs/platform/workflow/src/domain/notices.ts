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
  const people = [task.assigneeId, formerId ?? null].filter((id): id is string => id !== null);
  const roles = [task.role, task.escalatedAt ? task.escalateTo : null].filter((role): role is string => role !== null);
  const { id: taskId, executionId, title, dueAt } = task;
  const payload = {
    taskId,
    executionId,
    title,
    people: [...new Set(people)],
    roles,
    dueAt: dueAt?.toISOString() ?? null,
    change,
  };
  tx.publish(platformEvents.workflowTaskChanged, { aggregateId: taskId, payload });
}

type Asking = "CREATED" | "DELEGATED" | "WARNED" | "ESCALATED";

/** Tells those whose votes are missing, and after an escalation those of its role. */
export function askFor(
  tx: Transaction,
  { id: approvalId, executionId, title, dueAt, escalateTo, escalatedAt }: ApprovalRow,
  votes: readonly (NewVote & Partial<Pick<VoteRow, "decision">>)[],
  change: Asking,
): void {
  const left = votes.filter(({ decision }) => (decision ?? null) === null);
  const roles = [...left.flatMap(({ role }) => role ?? []), ...(escalatedAt && escalateTo ? [escalateTo] : [])];
  const people = left.flatMap(({ personId }) => personId ?? []);
  const payload = {
    approvalId,
    executionId,
    title,
    people,
    roles: [...new Set(roles)],
    dueAt: dueAt?.toISOString() ?? null,
    change,
  };
  tx.publish(platformEvents.workflowApprovalRequested, { aggregateId: approvalId, payload });
}
