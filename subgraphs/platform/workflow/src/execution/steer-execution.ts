/** What people do with executions that run: pause, resume, cancel, go on from a step. */
import { platformEvents } from "@tessera/shared-types";
import type { Context, Transaction } from "@tessera/subgraph";
import { cancelTasksOf } from "../domain/change-task.js";
import { cancelApprovalsOf } from "../domain/decide-approval.js";
import { errors } from "../errors.js";
import {
  changeExecution,
  detachRequests,
  forgetStepsFrom,
  lockExecution,
  settleState,
  stepAt,
  unfinishedChildren,
} from "../queries/step-records.js";
import type { ExecutionRow } from "../tables.js";
import { close } from "./end-execution.js";
import { retryDays } from "./end-retries.js";
import { executionFacts } from "./execution-facts.js";
import { problemOf } from "./problems.js";
import { releaseChildren } from "./release-children.js";

type State = ExecutionRow["state"];

/** @throws EXECUTION_NOT_FOUND, EXECUTION_STATE */
export function pauseExecution(ctx: Context, id: string): Promise<ExecutionRow> {
  return steer(ctx, id, "paused", ["RUNNING", "WAITING", "UNDOING"], async (tx) => {
    await tx.processes.pause(id);
    return changeExecution(tx, id, { state: "PAUSED" });
  });
}

/** @throws EXECUTION_NOT_FOUND, EXECUTION_STATE */
export function resumeExecution(ctx: Context, id: string): Promise<ExecutionRow> {
  return steer(ctx, id, "resumed", ["PAUSED"], async (tx) => {
    await tx.processes.resume(id);
    const process = await tx.processes.find(id);
    await changeExecution(tx, id, { state: process?.state === "UNDOING" ? "UNDOING" : "RUNNING" });
    await settleState(tx, id);
    return lockExecution(tx, id);
  });
}

const cancellable: readonly State[] = ["RUNNING", "WAITING", "PAUSED", "FAILED", "STUCK", "UNDOING"];

/**
 * With `undo`, what is done is taken back; what its steps have started goes the same way.
 *
 * @throws EXECUTION_NOT_FOUND, EXECUTION_STATE, EXECUTION_OVER
 */
export function cancelExecution(ctx: Context, id: string, undo: boolean): Promise<ExecutionRow> {
  return steer(ctx, id, "cancelled", cancellable, async (tx, row) => {
    await checkKept(tx, row);
    return cancel(ctx, tx, row, undo);
  });
}

const ended: readonly string[] = ["COMPLETED", "UNDONE", "CANCELLED"];

/** What has failed can be steered as long as its process is there. @throws EXECUTION_OVER */
async function checkKept(tx: Transaction, { id, state }: ExecutionRow): Promise<void> {
  if (state !== "FAILED") return;
  const process = await tx.processes.find(id);
  if (!process || ended.includes(process.state)) throw errors.EXECUTION_OVER({ days: retryDays });
}

/** What a step has started is taken back with it, finished or not. What has failed stays as it is. */
export function undoChild(ctx: Context, id: string): Promise<void> {
  return ctx.transaction(async (tx) => {
    const row = await lockExecution(tx, id);
    if (row && undoable.includes(row.state)) await cancel(ctx, tx, row, true);
  });
}

const undoable: readonly State[] = ["RUNNING", "WAITING", "PAUSED", "COMPLETED"];

async function cancel(
  ctx: Context,
  tx: Transaction,
  { id }: ExecutionRow,
  undo: boolean,
): Promise<ExecutionRow | null> {
  await tx.processes.cancel(id, { undo });
  for (const child of await unfinishedChildren(tx, id)) await cancel(ctx, tx, child, undo);
  const problem = problemOf(errors.EXECUTION_CANCELLED());
  if (undo) {
    await cancelTasksOf(ctx, tx, id);
    await cancelApprovalsOf(ctx, tx, id);
    return changeExecution(tx, id, { state: "UNDOING", problem, finishedAt: null });
  }
  const process = await tx.processes.find(id);
  await close(ctx, tx, executionFacts.parse(process?.input), { state: "CANCELLED", problem });
  await releaseChildren(tx, id);
  return lockExecution(tx, id);
}

/**
 * Goes on from the step that failed, or with the undo that did; with `fromStep` from there, whatever has ended since.
 * What those steps did elsewhere stays.
 *
 * @throws EXECUTION_NOT_FOUND, EXECUTION_STATE, EXECUTION_OVER, EXECUTION_STEP_NOT_FOUND
 */
export function retryExecution(ctx: Context, id: string, fromStep?: string | null): Promise<ExecutionRow> {
  return steer(ctx, id, "retried", ["FAILED", "STUCK"], async (tx, row) => {
    await checkKept(tx, row);
    const path = fromStep ?? row.problem?.stepPath;
    if (!fromStep && (row.state === "STUCK" || path === undefined)) return goOn(tx, row);
    if (path === undefined) throw errors.EXECUTION_STEP_NOT_FOUND({ path });
    const step = await stepAt(tx, { executionId: id, path });
    if (!step) throw errors.EXECUTION_STEP_NOT_FOUND({ path });
    await tx.processes.retry(id, path);
    const forgotten = await forgetStepsFrom(tx, step);
    await detachRequests(tx, id, forgotten);
    await releaseChildren(tx, id, forgotten);
    return changeExecution(tx, id, { state: "RUNNING", problem: null, finishedAt: null });
  });
}

/** With the undo that failed, or with the output of the execution as a whole. */
async function goOn(tx: Transaction, { id, state }: ExecutionRow): Promise<ExecutionRow | null> {
  await tx.processes.retry(id, state === "FAILED" ? ":end" : undefined);
  const process = await tx.processes.find(id);
  return changeExecution(tx, id, { state: process?.state === "UNDOING" ? "UNDOING" : "RUNNING", finishedAt: null });
}

async function steer(
  ctx: Context,
  id: string,
  action: string,
  allowed: readonly State[],
  work: (tx: Transaction, row: ExecutionRow) => Promise<ExecutionRow | null>,
): Promise<ExecutionRow> {
  const steered = await ctx.transaction(async (tx) => {
    const row = await lockExecution(tx, id);
    if (!row) throw errors.EXECUTION_NOT_FOUND({ id });
    if (!allowed.includes(row.state)) throw errors.EXECUTION_STATE({ state: row.state, action });
    return (await work(tx, row)) ?? row;
  });
  await ctx.announce(platformEvents.workflowExecutionChanged, { aggregateId: id, payload: { executionId: id } });
  return steered;
}
