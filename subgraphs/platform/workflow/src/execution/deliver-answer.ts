/** Takes what people answered back to the execution that asked. */
import type { Transaction } from "@tessera/subgraph";

/** The step of an execution that asked; nulls for what was asked without a workflow. */
export interface AnsweredStep {
  readonly executionId: string | null;
  readonly stepPath: string | null;
}

/** What the process of an execution waits for at a step. */
export const answerWait = (path: string): string => `${path}:answer`;

/** A process that has ended, or given up waiting, does not want to know any more. */
const notWanted = new Set(["PROCESS_NOT_FOUND", "PROCESS_NOT_WAITING", "PROCESS_ANSWERED"]);

/** Tells another execution what it waits for, if it still does. */
export async function tell(tx: Transaction, executionId: string, wait: string, value: unknown): Promise<void> {
  await tx.processes.answer(executionId, wait, value).catch((error: { code?: string }) => {
    if (!notWanted.has(error.code ?? "")) throw error;
  });
}

/** Within the transaction of the answer, which the execution goes on with once it commits. */
export async function deliverAnswer(
  tx: Transaction,
  { executionId, stepPath }: AnsweredStep,
  value: unknown,
): Promise<void> {
  if (executionId === null || stepPath === null) return;
  await tx.processes.answer(executionId, answerWait(stepPath), value);
}
