/** What people do with tasks. Each is refused for others, and written into the task's trail. */
import type { Context, Transaction } from "@tessera/subgraph";
import { jsonLength } from "../definitions/form-schema.js";
import { errors } from "../errors.js";
import { deliverAnswer } from "../execution/deliver-answer.js";
import { checkAgainst } from "../expressions/evaluate.js";
import { changeTask, lockTask, tasksById, unfinishedTasks } from "../queries/tasks.js";
import type { TaskRow } from "../tables.js";
import { checkMembers } from "./members.js";
import { checkNote } from "./notes.js";
import { tellOfTask } from "./notices.js";
import { mayClaim, rightsOver } from "./task-rights.js";
import { checkPersonId, personActing } from "./who.js";

/** @throws TASK_NOT_FOUND, TASK_DONE, TASK_NOT_OPEN, TASK_NOT_FOR_YOU */
export async function claimTask(ctx: Context, id: string): Promise<TaskRow> {
  const who = personActing(ctx);
  return change(ctx, id, async (tx, task) => {
    if (task.assigneeId === who.id) return task;
    if (!mayClaim(task, who)) {
      const isTheirs = task.role !== null && who.roles.includes(task.role);
      throw isTheirs
        ? errors.TASK_NOT_OPEN({ state: task.state })
        : errors.TASK_NOT_FOR_YOU({ role: task.role ?? "another person" });
    }
    const claimed = await changeTask(tx, id, { state: "CLAIMED", assigneeId: who.id });
    await tellOfTask(ctx, tx, claimed, "CLAIMED", { formerId: task.assigneeId });
    return claimed;
  });
}

/** @throws TASK_NOT_FOUND, TASK_DONE, TASK_NOT_YOURS, TASK_HAS_NO_ROLE */
export async function releaseTask(ctx: Context, id: string): Promise<TaskRow> {
  const who = personActing(ctx);
  return change(ctx, id, async (tx, task) => {
    if (task.assigneeId === who.id && task.role === null) throw errors.TASK_HAS_NO_ROLE();
    if (!rightsOver(task, who).release) throw errors.TASK_NOT_YOURS();
    const released = await changeTask(tx, id, { state: "OPEN", assigneeId: null });
    await tellOfTask(ctx, tx, released, "RELEASED", { formerId: task.assigneeId });
    return released;
  });
}

/** @throws TASK_NOT_FOUND, TASK_DONE, TASK_NOT_YOURS, PERSON_INVALID, PERSON_UNKNOWN, NOTE_INVALID */
export async function delegateTask(ctx: Context, id: string, to: string, note: string): Promise<TaskRow> {
  await checkMembers(ctx, [checkPersonId(to)]);
  return handOver(ctx, id, to, note);
}

/** As `delegateTask`, to a person of whom it is known that they work here. */
export async function handOver(ctx: Context, id: string, to: string, note: string): Promise<TaskRow> {
  const who = personActing(ctx);
  const personId = checkPersonId(to);
  checkNote(note, { mayBeEmpty: true });
  return change(ctx, id, async (tx, task) => {
    if (!rightsOver(task, who).delegate) throw errors.TASK_NOT_YOURS();
    const delegated = await changeTask(tx, id, { state: "CLAIMED", assigneeId: personId });
    await tellOfTask(ctx, tx, delegated, "DELEGATED", { personId, note, formerId: task.assigneeId });
    return delegated;
  });
}

/** Done, and its workflow goes on with the answer. @throws TASK_NOT_FOUND, TASK_DONE, TASK_NOT_YOURS, ANSWER_INVALID */
export async function completeTask(ctx: Context, id: string, answer: unknown): Promise<TaskRow> {
  const who = personActing(ctx);
  const [asked] = await tasksById(ctx.db, [id]);
  if (!asked) throw errors.TASK_NOT_FOUND({ id });
  // A form never changes, so the answer is checked before anything is locked.
  if (rightsOver(asked, who).complete) await checkAnswer(asked, answer);
  return change(ctx, id, async (tx, task) => {
    if (!rightsOver(task, who).complete) throw errors.TASK_NOT_YOURS();
    const done = { state: "COMPLETED", answer: answer ?? null, completedBy: who.id, completedAt: ctx.now() } as const;
    const completed = await changeTask(tx, id, done);
    await tellOfTask(ctx, tx, completed, "COMPLETED");
    await deliverAnswer(tx, completed, answer ?? null);
    return completed;
  });
}

const mostAnswer = 256 * 1024;

async function checkAnswer({ form }: TaskRow, answer: unknown): Promise<void> {
  if (jsonLength(answer) > mostAnswer)
    throw errors.ANSWER_INVALID({ reason: `it has more than ${mostAnswer} characters` });
  if (form === null) return;
  const problems = await checkAgainst(form, answer);
  if (problems.length > 0) throw errors.ANSWER_INVALID({ reason: problems.join(" "), problems });
}

/** @throws TASK_NOT_FOUND, NOTE_INVALID */
export async function commentOnTask(ctx: Context, id: string, note: string): Promise<TaskRow> {
  personActing(ctx);
  checkNote(note);
  return ctx.transaction(async (tx) => {
    const task = await lockTask(tx, id);
    if (!task) throw errors.TASK_NOT_FOUND({ id });
    await tellOfTask(ctx, tx, task, "COMMENTED", { note });
    return task;
  });
}

/** Takes back what was asked without a workflow. @throws TASK_NOT_FOUND, TASK_DONE, TASK_NOT_YOURS, TASK_OF_WORKFLOW, NOTE_INVALID */
export async function cancelTask(ctx: Context, id: string, reason: string): Promise<TaskRow> {
  const who = personActing(ctx);
  checkNote(reason);
  return change(ctx, id, async (tx, task) => {
    if (task.executionId !== null) throw errors.TASK_OF_WORKFLOW();
    if (task.createdBy !== who.id && !who.administers) throw errors.TASK_NOT_YOURS();
    return cancel(ctx, tx, task, reason);
  });
}

/** The execution has ended or gone another way: nobody has to do its tasks any more. */
export async function cancelTasksOf(ctx: Context, tx: Transaction, executionId: string): Promise<void> {
  for (const task of await unfinishedTasks(tx, executionId))
    await cancel(ctx, tx, task, "The workflow does not need it.");
}

async function cancel(ctx: Context, tx: Transaction, task: TaskRow, note: string): Promise<TaskRow> {
  const cancelled = await changeTask(tx, task.id, { state: "CANCELLED" });
  await tellOfTask(ctx, tx, cancelled, "CANCELLED", { note });
  return cancelled;
}

/** Of two at the same time, the second one sees what the first one did. */
function change(
  ctx: Context,
  id: string,
  work: (tx: Transaction, task: TaskRow) => Promise<TaskRow>,
): Promise<TaskRow> {
  return ctx.transaction(async (tx) => {
    const task = await lockTask(tx, id);
    if (!task) throw errors.TASK_NOT_FOUND({ id });
    if (task.state === "COMPLETED" || task.state === "CANCELLED") throw errors.TASK_DONE({ state: task.state });
    return work(tx, task);
  });
}
