/** Tasks, approvals, votes and what was done with them. */
import { rightsOver, voteOf } from "../domain/task-rights.js";
import type {
  ApprovalResolvers,
  ApprovalVoteResolvers,
  HumanTaskResolvers,
  WorkflowTrailEntryResolvers,
} from "../generated/types.js";
import { votesOfApprovals } from "../queries/approvals.js";
import { executionsById } from "../queries/executions.js";
import { trailOf } from "../queries/tasks.js";
import { isOverdue, userOf, whoAsks } from "./references.js";

const nobody = { claim: false, release: false, delegate: false, complete: false };

export const HumanTask: HumanTaskResolvers = {
  assignee: ({ assigneeId }) => userOf(assigneeId),
  overdue: (task, _, ctx) => isOverdue(task, task.completedAt ?? ctx.now()),
  escalatedTo: ({ escalatedAt, escalateTo }) => (escalatedAt ? escalateTo : null),
  may: (task, _, ctx) => {
    const who = whoAsks(ctx);
    return who ? rightsOver(task, who) : nobody;
  },
  trail: ({ id }, _, ctx) => ctx.loadList(trailOf, id),
  execution: ({ executionId }, _, ctx) => (executionId ? ctx.load(executionsById, executionId) : null),
  createdBy: ({ createdBy }) => userOf(createdBy),
  completedBy: ({ completedBy }) => userOf(completedBy),
};

export const Approval: ApprovalResolvers = {
  votes: ({ id }, _, ctx) => ctx.loadList(votesOfApprovals, id),
  overdue: (approval, _, ctx) => isOverdue(approval, approval.decidedAt ?? ctx.now()),
  escalatedTo: ({ escalatedAt, escalateTo }) => (escalatedAt ? escalateTo : null),
  mayDecide: async (approval, _, ctx) => {
    const who = whoAsks(ctx);
    if (!who || !ctx.actor?.scopes.has("workflow:approve")) return false;
    return typeof voteOf(approval, await ctx.loadList(votesOfApprovals, approval.id), who) !== "string";
  },
  trail: ({ id }, _, ctx) => ctx.loadList(trailOf, id),
  execution: ({ executionId }, _, ctx) => (executionId ? ctx.load(executionsById, executionId) : null),
  requestedBy: ({ requestedBy }) => userOf(requestedBy),
};

export const ApprovalVote: ApprovalVoteResolvers = {
  person: ({ personId }) => userOf(personId),
  decidedBy: ({ decidedBy }) => userOf(decidedBy),
};

export const WorkflowTrailEntry: WorkflowTrailEntryResolvers = {
  actor: ({ actorId }) => userOf(actorId),
  person: ({ personId }) => userOf(personId),
};
