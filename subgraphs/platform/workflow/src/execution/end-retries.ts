/**
 * An execution that has failed is kept so that somebody can go on with it, for so long and no longer: then its process
 * ends, its journal goes as that of any other, and what it called is out of its reach.
 */
import { type Context, defineProcess, type Transaction } from "@tessera/subgraph";
import { z } from "zod";
import { lockExecution } from "../queries/step-records.js";
import type { ExecutionRow } from "../tables.js";
import { releaseChildren } from "./release-children.js";

/** From the last time it failed. */
export const retryDays = 30;

const failure = z.object({ executionId: z.string(), failedAt: z.string() });
type Failure = z.infer<typeof failure>;

export const endRetries = defineProcess<Failure, null>({
  name: "end-retries",
  version: 1,
  input: failure,
  onFailure: "stop",
  async run(process, { executionId, failedAt }) {
    const until = new Date(Date.parse(failedAt) + retryDays * 24 * 3_600_000).toISOString();
    await process.sleep("while it can be retried", { until });
    await process.step("let go", { do: (ctx: Context) => letGo(ctx, executionId, failedAt) });
    return null;
  },
});

/** Begins with the failure, in its transaction. */
export async function watchRetries(tx: Transaction, failed: ExecutionRow | null): Promise<void> {
  if (!failed?.finishedAt) return;
  const { id, finishedAt } = failed;
  const failedAt = finishedAt.toISOString();
  await tx.processes.start(endRetries, { id: `retries:${id}:${failedAt}`, input: { executionId: id, failedAt } });
}

/** Unless somebody went on with it meanwhile: then this failure is not its last word. */
function letGo(ctx: Context, id: string, failedAt: string): Promise<void> {
  return ctx.transaction(async (tx) => {
    const row = await lockExecution(tx, id);
    if (row?.state !== "FAILED" || row.finishedAt?.toISOString() !== failedAt) return;
    await tx.processes.cancel(id, { undo: false });
    await releaseChildren(tx, id);
  });
}
