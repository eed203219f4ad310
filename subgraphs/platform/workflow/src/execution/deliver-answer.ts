/** Takes what people answered back to the execution that asked. */
import type { Transaction } from "@tessera/subgraph";

/** The step of an execution that asked; nulls for what was asked without a workflow. */
export interface AnsweredStep {
  readonly executionId: string | null;
  readonly stepPath: string | null;
}

/** What the process of an execution waits for at a step. */
export const answerWait = (path: string): string => `${path}:answer`;

/** Within the transaction of the answer, which the execution goes on with once it commits. */
export async function deliverAnswer(
  tx: Transaction,
  { executionId, stepPath }: AnsweredStep,
  value: unknown,
): Promise<void> {
  if (executionId === null || stepPath === null) return;
  await tx.processes.answer(executionId, answerWait(stepPath), value);
}
