/** How executions end: completed, failed, or with everything taken back. */
import { platformEvents } from "@tessera/shared-types";
import type { Context, StepContext, Transaction } from "@tessera/subgraph";
import { cancelTasksOf } from "../domain/change-task.js";
import { cancelApprovalsOf } from "../domain/decide-approval.js";
import { changeExecution, countUndone, endOpenSteps } from "../queries/step-records.js";
import type { ExecutionRow, StoredProblem } from "../tables.js";
import { asWorkflow } from "./attempt-step.js";
import { tell } from "./deliver-answer.js";
import { watchRetries } from "./end-retries.js";
import type { ExecutionFacts } from "./execution-facts.js";
import { releaseChildren } from "./release-children.js";
import type { Run } from "./run-state.js";

export type EndState = "COMPLETED" | "FAILED" | "UNDONE" | "CANCELLED";

export function endExecution(given: StepContext, run: Run, output: unknown): Promise<void> {
  const context = asWorkflow(given, { run });
  const { facts } = run;
  return context.transaction(async (tx) => {
    await close(context, tx, facts, { state: "COMPLETED", output: output ?? null });
    if (!facts.parent) await releaseChildren(tx, facts.executionId);
  });
}

/** A saga goes on to take back what it did; any other workflow has ended. */
export function failExecution(given: StepContext, run: Run, problem: StoredProblem): Promise<void> {
  const context = asWorkflow(given, { run });
  const { facts } = run;
  return context.transaction(async (tx) => {
    if (facts.content.kind === "SAGA") await changeExecution(tx, facts.executionId, { state: "UNDOING", problem });
    else await watchRetries(tx, await close(context, tx, facts, { state: "FAILED", problem }));
  });
}

/** Everything that can be taken back has been. */
export function finishUndo(given: StepContext, run: Run): Promise<void> {
  const context = asWorkflow(given, { run });
  const { executionId } = run.facts;
  return context.transaction(async (tx) => {
    const [row, undone] = await Promise.all([changeExecution(tx, executionId, {}), countUndone(tx, executionId)]);
    const isCancelled = row?.problem?.code === "EXECUTION_CANCELLED";
    await close(context, tx, run.facts, { state: undone > 0 || isCancelled ? "UNDONE" : "FAILED" });
  });
}

type End = Pick<ExecutionRow, "state"> & { state: EndState } & Partial<Pick<ExecutionRow, "output" | "problem">>;

/** The last word: for its history, for whoever listens, and for the execution that waits for it. */
export async function close(
  context: Context,
  tx: Transaction,
  facts: ExecutionFacts,
  end: End,
): Promise<ExecutionRow | null> {
  const { executionId, parent } = facts;
  const finishedAt = context.now();
  const row = await changeExecution(tx, executionId, { ...end, finishedAt });
  if (!row) return null;
  await endOpenSteps(tx, executionId, finishedAt);
  await cancelTasksOf(context, tx, executionId);
  await cancelApprovalsOf(context, tx, executionId);
  tx.publish(platformEvents.workflowExecutionCompleted, completedEvent(row, facts, end.state));
  if (!parent) return row;
  const { output, problem } = row;
  await tell(tx, parent.executionId, parent.wait, { state: end.state, output, problem });
  return row;
}

function completedEvent(
  row: ExecutionRow,
  { executionId, definitionId, key, version }: ExecutionFacts,
  state: EndState,
) {
  const { startedAt, finishedAt, dueAt } = row;
  const end = finishedAt ?? startedAt;
  const seconds = Math.max(0, (end.getTime() - startedAt.getTime()) / 1000);
  const late = dueAt !== null && end > dueAt;
  const payload = { executionId, definitionId, definitionKey: key, version, state, seconds, late };
  return { aggregateId: executionId, payload };
}
