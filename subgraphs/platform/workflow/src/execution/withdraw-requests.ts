/** Nobody has to do or decide any more what an execution asked for. */
import type { Context } from "@tessera/subgraph";
import { cancelTasksOf } from "../domain/change-task.js";
import { cancelApprovalsOf } from "../domain/decide-approval.js";

export function withdrawRequests(context: Context, executionId: string): Promise<void> {
  return context.transaction(async (tx) => {
    await cancelTasksOf(context, tx, executionId);
    await cancelApprovalsOf(context, tx, executionId);
  });
}
