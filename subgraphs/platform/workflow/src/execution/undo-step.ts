/** Takes back what a step did. How it goes is written down apart, because an attempt that fails leaves nothing behind. */

import type { StepContext } from "@tessera/subgraph";
import { changeExecution, changeStep } from "../queries/step-records.js";
import { announceChange, asWorkflow } from "./attempt-step.js";
import { problemOf } from "./problems.js";
import type { Place } from "./run-state.js";

/** Attempts at an undo before a person is needed. */
export const undoAttempts = 10;

export async function undoStep(
  given: StepContext,
  place: Place,
  attempts: number,
  takeBack: (context: StepContext) => Promise<void>,
): Promise<void> {
  const context = asWorkflow(given, place);
  const key = { executionId: place.run.facts.executionId, path: place.path };
  const { executionId } = key;
  await context.apart().transaction(async (tx) => {
    await changeExecution(tx, executionId, { state: "UNDOING" });
    await changeStep(tx, key, { undoState: "UNDOING", undoProblem: null });
  });
  await announceChange(context, place);
  try {
    await takeBack(context);
  } catch (error) {
    const isLast = context.step.attempt >= attempts;
    await context.apart().transaction(async (tx) => {
      await changeStep(tx, key, { undoProblem: problemOf(error), ...(isLast ? { undoState: "FAILED" } : {}) });
      if (isLast) await changeExecution(tx, executionId, { state: "STUCK", problem: problemOf(error, place.path) });
    });
    await announceChange(context, place);
    throw error;
  }
  await context.transaction(async (tx) => {
    await changeStep(tx, key, { undoState: "UNDONE", undoneAt: context.now() });
  });
}
