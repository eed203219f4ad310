/** Plans made before anybody asks: those of the operations in use, on a new supergraph that is about to serve. */
import type { Planner, PlanRequest } from "./planner.js";

export interface Warmed {
  readonly planned: number;
  /** Operations the new supergraph does not plan. */
  readonly refused: number;
  /** Left when the time was up. */
  readonly left: number;
}

/** Asks for `requests` in their order until `budgetMs` have passed; what is being planned then goes on behind it. */
export async function warm(
  requests: readonly PlanRequest[],
  planner: Planner,
  options: { readonly budgetMs: number; readonly concurrency?: number },
): Promise<Warmed> {
  const waiting = [...requests];
  const done = { planned: 0, refused: 0 };
  let isOver = false;
  const work = async () => {
    for (let next = waiting.shift(); next && !isOver; next = waiting.shift()) {
      const outcome = await planner.plan(next).then(
        () => "planned" as const,
        () => "refused" as const,
      );
      done[outcome] += 1;
    }
  };
  let timer: NodeJS.Timeout | undefined;
  const timeIsUp = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, options.budgetMs);
  });
  await Promise.race([Promise.all(Array.from({ length: options.concurrency ?? 2 }, work)), timeIsUp]);
  isOver = true;
  clearTimeout(timer);
  return { ...done, left: requests.length - done.planned - done.refused };
}
