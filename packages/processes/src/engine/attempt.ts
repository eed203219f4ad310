/** One attempt at a step or an undo through the host, with its time limit. */
import { createHash } from "node:crypto";
import { DatabaseError, type TenantDb } from "@tessera/database";
import { ProcessesError } from "../errors.js";
import type { InstanceRow } from "../store/rows.js";
import { type Run, takeTurn } from "./run.js";

export interface Attempt {
  readonly name: string;
  readonly number: number;
  readonly timeoutMs: number;
  readonly undo: boolean;
  handle(context: never): Promise<void>;
  /** Writes the journal entry as the one with this number. */
  record(db: TenantDb, position: number): Promise<void>;
  /** Committed; still before any other entry of this process. */
  done(position: number): void;
}

/** Rejects when it failed, and then nothing of it is committed; or when that is not known (`outcome: "unknown"`). */
export async function runAttempt(run: Run, attempt: Attempt): Promise<void> {
  const { instance } = run.journal;
  let release: (() => void) | undefined;
  let recorded = false;
  try {
    await withTimeout(run, attempt, async (signal, deadline) => {
      await run.runStep({
        module: instance.module,
        tenantId: instance.tenant_id,
        actorId: instance.actor_id,
        correlationId: instance.correlation_id,
        causationId: instance.causation_id,
        depth: instance.depth,
        step: {
          processId: instance.id,
          name: attempt.name,
          attempt: attempt.number,
          idempotencyKey: keyOf(instance, attempt),
          signal,
        },
        deadline,
        handle: (context) => untilAborted(attempt.handle(context as never), signal),
        record: async (db) => {
          release = await takeTurn(run, db);
          signal.throwIfAborted();
          await attempt.record(db, run.nextPosition);
          recorded = true;
        },
      });
      if (!recorded) {
        throw new ProcessesError("PROCESS_STEP_NOT_RECORDED", { module: instance.module, step: attempt.name });
      }
    });
    attempt.done(run.nextPosition);
  } finally {
    release?.();
  }
}

/** Name-based, so that it is the same wherever and whenever the step is tried (RFC 9562, version 8). */
function keyOf({ tenant_id, module, id }: InstanceRow, { name, undo }: Attempt): string {
  const text = JSON.stringify([tenant_id, module, id, name, undo]);
  const hex = createHash("sha256").update(text).digest("hex");
  const variant = ((Number.parseInt(hex[16] ?? "0", 16) & 3) | 8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    variant + hex.slice(17, 20),
    hex.slice(20, 32),
  ].join("-");
}

/** The author's code may hang on something that knows no signal; the transaction must end all the same. */
async function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  let stop: () => void = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

async function withTimeout(
  run: Run,
  { name, timeoutMs }: Attempt,
  work: (signal: AbortSignal, deadline: number) => Promise<void>,
): Promise<void> {
  const late = new AbortController();
  const timeout = new ProcessesError("PROCESS_STEP_TIMEOUT", { step: name, milliseconds: timeoutMs });
  const timer = setTimeout(() => late.abort(timeout), timeoutMs);
  // The database gets a moment more, so that it is this limit that says why.
  const deadline = Date.now() + timeoutMs + 1000;
  try {
    await work(AbortSignal.any([late.signal, run.signal]), deadline);
  } catch (error) {
    throw late.signal.aborted && !run.signal.aborted && !isLeaseLost(error) ? timeout : error;
  } finally {
    clearTimeout(timer);
  }
}

export const isLeaseLost = (error: unknown): boolean =>
  error instanceof ProcessesError && error.code === "PROCESS_LEASE_LOST";

/** The database is not there for anybody; that is no failure of the step. */
export const isOutage = (error: unknown): boolean =>
  error instanceof DatabaseError && (error.code === "DATABASE_UNAVAILABLE" || error.code === "DATABASE_BUSY");
