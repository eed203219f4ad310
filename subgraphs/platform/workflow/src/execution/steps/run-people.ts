/** Steps that wait for people: tasks and approvals. */
import { z } from "zod";
import type { ApprovalStep, Approver, TaskStep } from "../../definitions/definition.js";
import { type Asked, dueFrom } from "../../domain/human-request.js";
import { openTask } from "../../domain/open-task.js";
import { openApproval } from "../../domain/request-approval.js";
import { errors } from "../../errors.js";
import { type Bindings, evaluate } from "../../expressions/evaluate.js";
import { type Action, attemptStep, type Done } from "../attempt-step.js";
import { answerWait } from "../deliver-answer.js";
import { mayPass } from "../problems.js";
import type { Place } from "../run-state.js";
import { withdrawRequests } from "../withdraw-requests.js";
import { failWaiting, finishWaiting } from "./finish-waiting.js";

const once = { attempts: 3, retryIf: (error: unknown) => mayPass(error, false) };

interface Texts {
  readonly title: string;
  readonly instructions: string;
  readonly data: unknown;
}

async function textsOf({ title, instructions, data }: TaskStep | ApprovalStep, bindings: Bindings): Promise<Texts> {
  const [shown, explained, beside] = await Promise.all([
    evaluate(title, bindings),
    instructions === undefined ? "" : evaluate(instructions, bindings),
    data === undefined ? null : evaluate(data, bindings),
  ]);
  return { title: String(shown ?? ""), instructions: String(explained ?? ""), data: beside };
}

async function askedOf(approver: Approver, bindings: Bindings): Promise<Asked> {
  if ("role" in approver) return { role: approver.role };
  return { personId: String(await evaluate(approver.person, bindings)) };
}

export async function runTask(place: Place<TaskStep>): Promise<unknown> {
  const { step, bindings } = place;
  const action: Action<Texts & { assignTo: Asked }, null> = {
    follows: "WAITS",
    prepare: async () => ({ ...(await textsOf(step, bindings)), assignTo: await askedOf(step.assignTo, bindings) }),
    act: async (context, texts) => {
      const due = step.deadline ? dueFrom(context.now(), step.deadline) : null;
      await openTask(context, { ...texts, ...commonOf(place), due, form: step.form ?? null });
      return null;
    },
  };
  return finishWaiting(place, await ask(place, action));
}

export interface Decided {
  readonly output: unknown;
  readonly approved: boolean;
}

/** @throws APPROVAL_REJECTED when a rejection leads nowhere */
export async function runApproval(place: Place<ApprovalStep>): Promise<Decided> {
  const { step, bindings } = place;
  const action: Action<Texts & { approvers: readonly Asked[] }, null> = {
    follows: "WAITS",
    prepare: async () => ({
      ...(await textsOf(step, bindings)),
      approvers: await Promise.all(step.approvers.map((one) => askedOf(one, bindings))),
    }),
    act: async (context, texts) => {
      const due = step.deadline ? dueFrom(context.now(), step.deadline) : null;
      const { rule, starterMayDecide: requesterMayDecide } = step;
      const decided = typeof rule === "string" ? { rule } : ({ rule: "QUORUM", needed: rule.quorum } as const);
      await openApproval(context, { ...texts, ...commonOf(place), ...decided, due, requesterMayDecide });
      return null;
    },
  };
  const answer = (await ask(place, action)) as { outcome?: string } | null;
  const approved = answer?.outcome === "APPROVED";
  if (!approved && step.rejected === undefined)
    return failWaiting(place, errors.APPROVAL_REJECTED({ path: place.path }));
  return { approved, output: await finishWaiting(place, answer) };
}

function commonOf({ run, path }: Place) {
  const { executionId, startedBy } = run.facts;
  return { origin: { executionId, stepPath: path }, startedBy };
}

async function ask<Input>(place: Place, action: Action<Input, null>): Promise<unknown> {
  const { run, path } = place;
  await run.process.step<Done>(path, {
    ...once,
    do: (context) => attemptStep(context, place, action, once),
    undo: (context) => withdrawRequests(context, run.facts.executionId),
  });
  return run.process.waitForAnswer(answerWait(path), { schema: z.unknown() });
}
