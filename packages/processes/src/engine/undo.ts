/** Takes back what a process has done, last thing first. */
import { type RecordedError, recordError } from "../errors.js";
import type { StepRow } from "../store/rows.js";
import { isLeaseLost, isOutage, runAttempt } from "./attempt.js";
import { type DoneStep, type Run, retryAt } from "./run.js";

export type UndoOutcome =
  | { readonly kind: "undone" }
  | { readonly kind: "later"; readonly dueAt: Date }
  | { readonly kind: "stopped" }
  | { readonly kind: "failed"; readonly error: RecordedError };

/** `entries` are those of the journal as it was loaded; what was done since has no entry yet. */
export async function undoAll(
  run: Run,
  entries: ReadonlyMap<string, StepRow>,
  stopped: () => boolean,
): Promise<UndoOutcome> {
  const toUndo = run.done.filter(({ undo }) => undo).sort((a, b) => b.position - a.position);
  for (const step of toUndo) {
    if (stopped()) return { kind: "stopped" };
    const entry = entries.get(step.name);
    const dueAt = entry?.due_at ?? null;
    if (dueAt !== null && dueAt > run.now().getTime()) return { kind: "later", dueAt: new Date(dueAt) };
    const outcome = await undoOne(run, step, (entry?.undo_attempts ?? 0) + 1);
    if (outcome) return outcome;
  }
  return { kind: "undone" };
}

async function undoOne(run: Run, step: DoneStep, number: number): Promise<UndoOutcome | null> {
  const { journal, now } = run;
  const { name, undo, output, undoOptions } = step;
  try {
    await runAttempt(run, {
      name,
      number,
      timeoutMs: undoOptions.timeoutMs,
      undo: true,
      handle: async (context) => void (await undo?.(context, output as never)),
      record: (db) => journal.putUndo(db, { name, status: "UNDONE", attempts: number, at: now() }),
      done: () => run.changed({ name, status: "UNDONE" }),
    });
    return null;
  } catch (error) {
    if (isLeaseLost(error) || isOutage(error) || run.signal.aborted) throw error;
    return failed(run, step, number, recordError(error, "UNDO_FAILED", name));
  }
}

async function failed(run: Run, step: DoneStep, attempts: number, error: RecordedError): Promise<UndoOutcome> {
  const { journal, now, backoff } = run;
  const { name, undoOptions } = step;
  if (attempts < undoOptions.attempts) {
    const dueAt = retryAt(now(), attempts, backoff);
    await journal.transaction((db) => journal.putUndo(db, { name, status: "DONE", attempts, error, at: now(), dueAt }));
    return { kind: "later", dueAt };
  }
  await journal.transaction((db) => journal.putUndo(db, { name, status: "UNDO_FAILED", attempts, error, at: now() }));
  run.changed({ name, status: "UNDO_FAILED" });
  return { kind: "failed", error };
}
