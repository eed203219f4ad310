/**
 * What follows when something is due: a warning before, and when it is overdue the role it is escalated to gets it too.
 * A durable process waits for both moments; what was done meanwhile makes it end without a word.
 */
import { type Context, defineProcess, type Transaction } from "@tessera/subgraph";
import { z } from "zod";
import { changeApproval, lockApproval, votesOfApprovals } from "../queries/approvals.js";
import { addToTrail, changeTask, lockTask } from "../queries/tasks.js";
import type { ApprovalRow, TaskRow } from "../tables.js";
import { askedByApproval, askedByTask, askFor, tellOfBreach, tellOfTask } from "./notices.js";

const subject = z.object({
  kind: z.enum(["TASK", "APPROVAL"]),
  id: z.string(),
  warnAt: z.string().nullable(),
  dueAt: z.string(),
});
type Subject = z.infer<typeof subject>;

export const watchDeadlines = defineProcess<Subject, null>({
  name: "watch-deadline",
  version: 1,
  input: subject,
  onFailure: "stop",
  async run(process, { kind, id, warnAt, dueAt }) {
    if (warnAt !== null) {
      await process.sleep("until the warning", { until: warnAt });
      await process.step("warn", { do: (ctx: Context) => reach(ctx, kind, id, "WARNED") });
    }
    await process.sleep("until it is due", { until: dueAt });
    await process.step("escalate", { do: (ctx: Context) => reach(ctx, kind, id, "ESCALATED") });
    return null;
  },
});

/** Begins with the task or approval, in its transaction. */
export async function watchDeadline(
  tx: Transaction,
  kind: Subject["kind"],
  { id, warnAt, dueAt }: Pick<TaskRow, "id" | "warnAt" | "dueAt">,
): Promise<void> {
  if (dueAt === null) return;
  const input = { kind, id, warnAt: warnAt?.toISOString() ?? null, dueAt: dueAt.toISOString() };
  await tx.processes.start(watchDeadlines, { id: `deadline:${id}`, input });
}

type Moment = "WARNED" | "ESCALATED";

function reach(ctx: Context, kind: Subject["kind"], id: string, moment: Moment): Promise<void> {
  return ctx.transaction((tx) =>
    kind === "TASK" ? reachTask(ctx, tx, id, moment) : reachApproval(ctx, tx, id, moment),
  );
}

/** Without a role to escalate to, being overdue is said as a warning. */
function changeAt(moment: Moment, { escalateTo }: Pick<TaskRow, "escalateTo">, now: Date) {
  const change = moment === "ESCALATED" && escalateTo !== null ? "ESCALATED" : "WARNED";
  return { change, columns: change === "WARNED" ? { warnedAt: now } : { escalatedAt: now } } as const;
}

async function reachTask(ctx: Context, tx: Transaction, id: string, moment: Moment): Promise<void> {
  const task = await lockTask(tx, id);
  if (task?.state !== "OPEN" && task?.state !== "CLAIMED") return;
  const { change, columns } = changeAt(moment, task, ctx.now());
  const changed: TaskRow = await changeTask(tx, id, columns);
  const role = change === "ESCALATED" && task.escalateTo !== null ? { role: task.escalateTo } : {};
  await tellOfTask(ctx, tx, changed, change, role);
  if (moment === "ESCALATED") tellOfBreach(tx, "TASK", changed, askedByTask(changed));
}

async function reachApproval(ctx: Context, tx: Transaction, id: string, moment: Moment): Promise<void> {
  const approval = await lockApproval(tx, id);
  if (approval?.state !== "PENDING") return;
  const { change, columns } = changeAt(moment, approval, ctx.now());
  const changed: ApprovalRow = await changeApproval(tx, id, columns);
  const [votes = []] = await votesOfApprovals(tx, [id]);
  const role = change === "ESCALATED" ? approval.escalateTo : null;
  await addToTrail(tx, { subjectId: id, action: change, actorId: null, role, at: ctx.now() });
  askFor(tx, changed, votes, change);
  if (moment === "ESCALATED") tellOfBreach(tx, "APPROVAL", changed, askedByApproval(changed, votes));
}
