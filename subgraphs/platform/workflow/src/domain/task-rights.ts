/** Who may do what with a task, and with a vote of an approval. No I/O. */
import type { ApprovalRow, TaskRow, VoteRow } from "../tables.js";
import type { Who } from "./who.js";

type TaskFacts = Pick<TaskRow, "state" | "assigneeId" | "role" | "escalateTo" | "escalatedAt">;
type ApprovalFacts = Pick<ApprovalRow, "state" | "requestedBy" | "requesterMayDecide" | "escalateTo" | "escalatedAt">;
type VoteFacts = Pick<VoteRow, "id" | "personId" | "role" | "decision" | "decidedBy">;

export interface TaskRights {
  readonly claim: boolean;
  readonly release: boolean;
  readonly delegate: boolean;
  readonly complete: boolean;
}

const isEscalatedTo = ({ escalateTo, escalatedAt }: Pick<TaskFacts, "escalateTo" | "escalatedAt">, { roles }: Who) =>
  escalatedAt !== null && escalateTo !== null && roles.includes(escalateTo);

/** One of the role claims what is open; one of the role it was escalated to also takes it from who has it. */
export function mayClaim(task: TaskFacts, who: Who): boolean {
  if (task.state !== "OPEN" && task.state !== "CLAIMED") return false;
  if (task.assigneeId === who.id) return false;
  if (isEscalatedTo(task, who)) return true;
  return task.state === "OPEN" && task.role !== null && who.roles.includes(task.role);
}

export function rightsOver(task: TaskFacts, who: Who): TaskRights {
  const isOpen = task.state === "OPEN" || task.state === "CLAIMED";
  const has = task.state === "CLAIMED" && task.assigneeId === who.id;
  return {
    claim: mayClaim(task, who),
    release: task.role !== null && task.state === "CLAIMED" && (has || who.administers),
    delegate: has || (isOpen && who.administers),
    complete: has,
  };
}

export type VoteRefusal = "APPROVAL_DECIDED" | "APPROVAL_OWN_REQUEST" | "APPROVAL_VOTED" | "APPROVAL_NOT_ASKED";

/**
 * The vote that is this person's to give: the one asked of the very person, else one asked of a role of theirs, else,
 * once it is overdue, any that is left for one of the role it was escalated to.
 */
export function voteOf<Vote extends VoteFacts>(
  approval: ApprovalFacts,
  votes: readonly Vote[],
  who: Who,
): Vote | VoteRefusal {
  if (approval.state !== "PENDING") return "APPROVAL_DECIDED";
  if (votes.some(({ decidedBy }) => decidedBy === who.id)) return "APPROVAL_VOTED";
  const left = votes.filter(({ decision }) => decision === null);
  const vote =
    left.find(({ personId }) => personId === who.id) ??
    left.find(({ role }) => role !== null && who.roles.includes(role)) ??
    (isEscalatedTo(approval, who) ? left[0] : undefined);
  if (!vote) return "APPROVAL_NOT_ASKED";
  return approval.requestedBy === who.id && !approval.requesterMayDecide ? "APPROVAL_OWN_REQUEST" : vote;
}
