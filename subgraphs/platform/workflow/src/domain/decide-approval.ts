/** What people do with approvals. */
import { platformEvents } from "@tessera/shared-types";
import type { Context, Transaction } from "@tessera/subgraph";
import { errors } from "../errors.js";
import { deliverAnswer } from "../execution/deliver-answer.js";
import {
  changeApproval,
  changeVote,
  lockApproval,
  undecidedApprovals,
  votesOfApprovals,
} from "../queries/approvals.js";
import { addToTrail } from "../queries/tasks.js";
import type { ApprovalRow, VoteRow } from "../tables.js";
import { outcomeOf } from "./approval-outcome.js";
import { checkMembers } from "./members.js";
import { checkNote } from "./notes.js";
import { askFor } from "./notices.js";
import { voteOf } from "./task-rights.js";
import { checkPersonId, personActing, personOf, type Who } from "./who.js";

export interface Decision {
  readonly decision: "APPROVED" | "REJECTED";
  readonly comment: string;
}

/** What a workflow gets as the output of an approval. */
export interface ApprovalAnswer {
  readonly outcome: "APPROVED" | "REJECTED";
  readonly votes: readonly { readonly by: string; readonly decision: string; readonly comment: string | null }[];
}

/** @throws APPROVAL_NOT_FOUND, APPROVAL_DECIDED, APPROVAL_NOT_ASKED, APPROVAL_OWN_REQUEST, APPROVAL_VOTED, NOTE_INVALID */
export async function decideApproval(ctx: Context, id: string, { decision, comment }: Decision): Promise<ApprovalRow> {
  const who = personActing(ctx);
  checkNote(comment, { mayBeEmpty: true });
  return withVotes(ctx, id, async (tx, approval, votes) => {
    const vote = votable(approval, votes, who);
    const given = { decision, decidedBy: who.id, decidedAt: ctx.now(), comment: comment || null };
    await changeVote(tx, vote.id, given);
    await addToTrail(tx, { subjectId: id, action: decision, actorId: who.id, note: comment, at: ctx.now() });
    const now = votes.map((each) => (each.id === vote.id ? { ...each, ...given } : each));
    return settle(ctx, tx, approval, now);
  });
}

async function settle(ctx: Context, tx: Transaction, approval: ApprovalRow, votes: readonly VoteRow[]) {
  const outcome = outcomeOf(
    approval.needed,
    votes.map(({ decision }) => decision),
  );
  if (outcome === "PENDING") return approval;
  const decided = await changeApproval(tx, approval.id, { state: outcome, decidedAt: ctx.now() });
  const given = votes.filter((vote) => vote.decision !== null);
  if (outcome === "APPROVED") {
    const decidedBy = given.flatMap((vote) => (vote.decision === "APPROVED" ? (vote.decidedBy ?? []) : []));
    const payload = { approvalId: approval.id, executionId: approval.executionId, title: approval.title, decidedBy };
    tx.publish(platformEvents.approvalGranted, { aggregateId: approval.id, payload });
  }
  const answer: ApprovalAnswer = {
    outcome,
    votes: given.map((vote) => ({ by: `${vote.decidedBy}`, decision: `${vote.decision}`, comment: vote.comment })),
  };
  await deliverAnswer(tx, decided, answer);
  return decided;
}

/** @throws as `decideApproval`, PERSON_INVALID, PERSON_UNKNOWN, APPROVAL_INVALID when that person cannot take it */
export async function delegateApproval(ctx: Context, id: string, to: string, note: string): Promise<ApprovalRow> {
  const who = personActing(ctx);
  const personId = checkPersonId(to);
  checkNote(note, { mayBeEmpty: true });
  await checkMembers(ctx, [personId]);
  return withVotes(ctx, id, async (tx, approval, votes) => {
    const vote = votable(approval, votes, who);
    if (votes.some((each) => each.decidedBy === personId || (each.personId === personId && each.id !== vote.id)))
      throw errors.APPROVAL_INVALID({ reason: "that person is asked already" });
    if (personId === approval.requestedBy && !approval.requesterMayDecide) throw errors.APPROVAL_OWN_REQUEST();
    await changeVote(tx, vote.id, { personId, role: null });
    await addToTrail(tx, { subjectId: id, action: "DELEGATED", actorId: who.id, personId, note, at: ctx.now() });
    askFor(tx, approval, [{ ...vote, personId, role: null }], "DELEGATED");
    return approval;
  });
}

/** @throws APPROVAL_NOT_FOUND, NOTE_INVALID */
export async function commentOnApproval(ctx: Context, id: string, note: string): Promise<ApprovalRow> {
  const who = personActing(ctx);
  checkNote(note);
  return withVotes(ctx, id, async (tx, approval) => {
    await addToTrail(tx, { subjectId: id, action: "COMMENTED", actorId: who.id, note, at: ctx.now() });
    return approval;
  });
}

/** The execution has ended or gone another way: nobody has to decide any more. */
export async function cancelApprovalsOf(ctx: Context, tx: Transaction, executionId: string): Promise<void> {
  for (const { id } of await undecidedApprovals(tx, executionId)) {
    await changeApproval(tx, id, { state: "CANCELLED", decidedAt: ctx.now() });
    await addToTrail(tx, { subjectId: id, action: "CANCELLED", actorId: personOf(ctx), at: ctx.now() });
  }
}

function votable(approval: ApprovalRow, votes: readonly VoteRow[], who: Who): VoteRow {
  const vote = voteOf(approval, votes, who);
  if (typeof vote === "string") throw errors[vote]({ state: approval.state });
  return vote;
}

/** Votes are counted one after the other. */
function withVotes(
  ctx: Context,
  id: string,
  work: (tx: Transaction, approval: ApprovalRow, votes: readonly VoteRow[]) => Promise<ApprovalRow>,
): Promise<ApprovalRow> {
  return ctx.transaction(async (tx) => {
    const approval = await lockApproval(tx, id);
    if (!approval) throw errors.APPROVAL_NOT_FOUND({ id });
    const [votes = []] = await votesOfApprovals(tx, [id]);
    return work(tx, approval, votes);
  });
}
