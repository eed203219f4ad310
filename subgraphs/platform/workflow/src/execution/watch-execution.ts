/** An execution as it is after each change, for whoever watches it. */
import { platformEvents } from "@tessera/shared-types";
import type { Context } from "@tessera/subgraph";
import { errors } from "../errors.js";
import { executionsById } from "../queries/executions.js";
import type { ExecutionRow } from "../tables.js";

const ended = new Set<ExecutionRow["state"]>(["COMPLETED", "FAILED", "UNDONE", "CANCELLED"]);

/** As it is now, then after each change, until it ends. @throws EXECUTION_NOT_FOUND */
export async function* watchExecution(ctx: Context, id: string): AsyncGenerator<ExecutionRow, void, void> {
  const changes = changesOf(ctx, id);
  try {
    for (let read = await readNow(ctx, id); ; read = await readNow(ctx, id)) {
      yield read;
      if (ended.has(read.state) || (await changes.next()).done) return;
    }
  } finally {
    await changes.return();
  }
}

async function readNow(ctx: Context, id: string): Promise<ExecutionRow> {
  const [row] = await executionsById(ctx.db, [id]);
  if (!row) throw errors.EXECUTION_NOT_FOUND({ id });
  return row;
}

/** Says that something has changed, once for all that has since it was asked last. */
function changesOf(ctx: Context, id: string) {
  const { workflowExecutionChanged, workflowStepCompleted, workflowExecutionCompleted, processChanged } =
    platformEvents;
  const isMine = ({ aggregateId }: { aggregateId: string }) => aggregateId === id;
  const streams = [
    ctx.live(workflowExecutionChanged, isMine),
    ctx.live(workflowStepCompleted, isMine),
    ctx.live(workflowExecutionCompleted, isMine),
    // Told after the commit, also of what begins to wait.
    ctx.live(processChanged, isMine),
  ];
  let changed = false;
  let over = false;
  let wake = () => {};
  for (const stream of streams) {
    void (async () => {
      for await (const _ of stream) {
        changed = true;
        wake();
      }
    })()
      .catch(() => {})
      .finally(() => {
        over = true;
        wake();
      });
  }
  return {
    async next(): Promise<{ done: boolean }> {
      while (!changed && !over) await new Promise<void>((resolve) => (wake = resolve));
      const done = !changed && over;
      changed = false;
      return { done };
    },
    return: () => Promise.all(streams.map((stream) => stream.return?.())),
  };
}
