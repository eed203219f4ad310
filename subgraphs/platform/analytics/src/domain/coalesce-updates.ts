/** Bursts of updates become one, and the last state of a burst is never lost. */

/**
 * Yields what `source` yields, merging everything that arrives within `windowMs` after a first update. Ends with its
 * source, after what was still waiting; leaving it ends the source.
 */
export async function* coalesce<Update>(
  source: AsyncIterableIterator<Update>,
  merge: (earlier: Update, later: Update) => Update,
  windowMs: number,
): AsyncGenerator<Update, void, void> {
  let next = source.next();
  try {
    while (true) {
      const first = await next;
      if (first.done) return;
      next = source.next();
      const burst = await collect({ source, merge, windowMs }, first.value, next);
      yield burst.update;
      next = burst.next;
    }
  } finally {
    // A rejection that nobody waits for any more must not end the process.
    next.catch(() => {});
    await source.return?.();
  }
}

interface Burst<Update> {
  readonly source: AsyncIterator<Update>;
  readonly merge: (earlier: Update, later: Update) => Update;
  readonly windowMs: number;
}

async function collect<Update>(
  { source, merge, windowMs }: Burst<Update>,
  first: Update,
  pending: Promise<IteratorResult<Update>>,
): Promise<{ update: Update; next: Promise<IteratorResult<Update>> }> {
  const window = after(windowMs);
  let [update, next] = [first, pending];
  for (;;) {
    // A source that fails now must not take with it what already arrived: the failure surfaces at the next turn.
    const result = await Promise.race([next.catch(() => "failed" as const), window.elapsed]);
    if (typeof result === "string" || result.done) break;
    update = merge(update, result.value);
    next = source.next();
  }
  window.cancel();
  return { update, next };
}

function after(milliseconds: number): { elapsed: Promise<"elapsed">; cancel(): void } {
  let timer: NodeJS.Timeout | undefined;
  const elapsed = new Promise<"elapsed">((resolve) => {
    timer = setTimeout(() => resolve("elapsed"), milliseconds);
  });
  return { elapsed, cancel: () => clearTimeout(timer) };
}
