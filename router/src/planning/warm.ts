/** What is done before anybody asks: for the operations in use, on a new supergraph that is about to serve. */
import { setImmediate as pause } from "node:timers/promises";

export interface Warmed {
  readonly done: number;
  /** What the new supergraph refuses. */
  readonly refused: number;
  /** Left when the time was up. */
  readonly left: number;
}

/**
 * Does `works` in their order until `budgetMs` have passed; what is being done then goes on behind it. Requests are
 * answered between two of them.
 */
export async function warm(
  works: readonly (() => Promise<unknown>)[],
  options: { readonly budgetMs: number; readonly concurrency?: number },
): Promise<Warmed> {
  const waiting = [...works];
  const count = { done: 0, refused: 0 };
  let isOver = false;
  const work = async () => {
    for (let next = waiting.shift(); next && !isOver; next = waiting.shift()) {
      await pause();
      const outcome = await next().then(
        () => "done" as const,
        () => "refused" as const,
      );
      count[outcome] += 1;
    }
  };
  let timer: NodeJS.Timeout | undefined;
  const timeIsUp = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, options.budgetMs);
  });
  await Promise.race([Promise.all(Array.from({ length: options.concurrency ?? 2 }, work)), timeIsUp]);
  isOver = true;
  clearTimeout(timer);
  return { ...count, left: works.length - count.done - count.refused };
}
