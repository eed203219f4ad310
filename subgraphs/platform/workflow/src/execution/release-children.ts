/**
 * An execution that another one started stays within its reach after it has completed: its process waits until nothing
 * can ask it any more to take back what it did.
 */
import type { Transaction } from "@tessera/subgraph";
import { completedChildren } from "../queries/step-records.js";
import { tell } from "./deliver-answer.js";

/** What the process of a completed execution waits for. */
export const releaseWait = ":released";

/** Those that completed, or those of them that these steps started, will not be undone any more. */
export async function releaseChildren(tx: Transaction, parentId: string, paths?: readonly string[]): Promise<void> {
  for (const { id, parentStepPath } of await completedChildren(tx, parentId)) {
    if (paths && !paths.includes(parentStepPath ?? "")) continue;
    await tell(tx, id, releaseWait, true);
  }
}
