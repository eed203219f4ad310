/** Approvals come from steps of workflows, and from people. */
import { newId } from "@tessera/database";
import type { Context } from "@tessera/subgraph";
import { errors } from "../errors.js";
import { addApproval, type NewVote } from "../queries/approvals.js";
import { addToTrail } from "../queries/tasks.js";
import type { ApprovalRow } from "../tables.js";
import { neededOf, type Rule } from "./approval-outcome.js";
import { watchDeadline } from "./deadlines.js";
import { type Asked, type HumanRequest, isRole, reasonAgainst, requestColumns, requesterOf } from "./human-request.js";
import { checkMembers } from "./members.js";
import { askFor } from "./notices.js";
import { checkPersonId, personOf } from "./who.js";

export interface NewApproval extends HumanRequest {
  readonly approvers: readonly Asked[];
  readonly rule: Rule;
  /** For QUORUM. */
  readonly needed?: number | null;
  readonly requesterMayDecide: boolean;
  /** Who started the workflow. */
  readonly startedBy?: string | null;
}

const mostApprovers = 20;

/** `null` when the step has one already. @throws APPROVAL_INVALID, PERSON_INVALID, PERSON_UNKNOWN */
export async function openApproval(ctx: Context, request: NewApproval): Promise<ApprovalRow | null> {
  const votes = votesOf(request);
  await checkMembers(
    ctx,
    votes.flatMap(({ personId }) => personId ?? []),
  );
  return ctx.transaction(async (tx) => {
    const row = {
      id: newId(),
      ...requestColumns(ctx, request),
      state: "PENDING" as const,
      rule: request.rule,
      needed: neededOf(request.rule, request.needed ?? null, votes.length),
      requestedBy: requesterOf(ctx, request.startedBy),
      requesterMayDecide: request.requesterMayDecide,
    };
    const approval = await addApproval(tx, row, votes);
    if (!approval) return null;
    await addToTrail(tx, { subjectId: approval.id, action: "CREATED", actorId: personOf(ctx), at: ctx.now() });
    askFor(tx, approval, votes, "CREATED");
    await watchDeadline(tx, "APPROVAL", approval);
    return approval;
  });
}

/** Asks people without a workflow. @throws APPROVAL_INVALID, PERSON_INVALID, PERSON_UNKNOWN */
export async function requestApproval(ctx: Context, request: NewApproval): Promise<ApprovalRow> {
  return (await openApproval(ctx, request)) as ApprovalRow;
}

function votesOf(request: NewApproval): NewVote[] {
  const votes = request.approvers.map((asked, position) =>
    "personId" in asked
      ? { position, personId: checkPersonId(asked.personId), role: null }
      : { position, personId: null, role: asked.role },
  );
  const reason = reasonAgainst(request) ?? reasonAgainstVotes(request, votes);
  if (reason) throw errors.APPROVAL_INVALID({ reason });
  return votes;
}

function reasonAgainstVotes({ rule, needed = null }: NewApproval, votes: readonly NewVote[]): string | null {
  if (votes.length < 1 || votes.length > mostApprovers) return `there are 1 to ${mostApprovers} approvers`;
  const people = votes.flatMap(({ personId }) => personId ?? []);
  if (new Set(people).size < people.length) return "nobody is asked twice";
  if (votes.some(({ role }) => role != null && !isRole(role))) return "a role has 1 to 100 characters";
  if (rule === "QUORUM" && (needed === null || needed < 1 || needed > votes.length))
    return `a quorum is 1 to ${votes.length}, the number of approvers`;
  return null;
}
