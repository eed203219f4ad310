/** Tasks come from steps of workflows, and from people. */
import { newId } from "@tessera/database";
import type { Context } from "@tessera/subgraph";
import { checkForm } from "../definitions/form-schema.js";
import { errors } from "../errors.js";
import { addTask } from "../queries/tasks.js";
import type { TaskRow } from "../tables.js";
import { watchDeadline } from "./deadlines.js";
import { type Asked, type HumanRequest, isRole, reasonAgainst, requestColumns, requesterOf } from "./human-request.js";
import { checkMembers } from "./members.js";
import { tellOfTask } from "./notices.js";
import { checkPersonId } from "./who.js";

export interface NewTask extends HumanRequest {
  readonly assignTo: Asked;
  /** JSON Schema of the answer. */
  readonly form?: Readonly<Record<string, unknown>> | null;
  /** Who started the workflow. */
  readonly startedBy?: string | null;
}

/** Null when its step has one already. @throws TASK_INVALID, PERSON_INVALID, PERSON_UNKNOWN */
export async function openTask(ctx: Context, request: NewTask): Promise<TaskRow | null> {
  const { assigneeId } = assigneeOf(request.assignTo);
  if (assigneeId !== null) await checkMembers(ctx, [assigneeId]);
  return keepTask(ctx, request);
}

/** As `openTask`, for a person of whom it is known that they work here. @throws TASK_INVALID, PERSON_INVALID */
export async function keepTask(ctx: Context, request: NewTask): Promise<TaskRow | null> {
  const assigned = assigneeOf(request.assignTo);
  const reason = reasonAgainst(request) ?? (request.form ? checkForm(request.form) : null);
  if (reason) throw errors.TASK_INVALID({ reason });
  return ctx.transaction(async (tx) => {
    const columns = requestColumns(ctx, request);
    const createdBy = requesterOf(ctx, request.startedBy);
    const form = request.form ?? null;
    const task = await addTask(tx, { id: newId(), ...columns, ...assigned, form, createdBy });
    if (!task) return null;
    await tellOfTask(ctx, tx, task, "CREATED");
    await watchDeadline(tx, "TASK", task);
    return task;
  });
}

/** Asks somebody without a workflow. @throws TASK_INVALID, PERSON_INVALID, PERSON_UNKNOWN */
export async function createTask(ctx: Context, request: NewTask): Promise<TaskRow> {
  return (await openTask(ctx, request)) as TaskRow;
}

function assigneeOf(asked: Asked) {
  if ("personId" in asked) return { assigneeId: checkPersonId(asked.personId), role: null, state: "CLAIMED" as const };
  if (!isRole(asked.role)) throw errors.TASK_INVALID({ reason: "a role has 1 to 100 characters" });
  return { assigneeId: null, role: asked.role, state: "OPEN" as const };
}
