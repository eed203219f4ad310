/** What all operations of one activation share. */

import type { TenantDb } from "@tessera/database";
import { sql } from "drizzle-orm";
import type { RunStep } from "../processes.js";
import type { Journal } from "../store/journal.js";
import type { Lock } from "./lock.js";
import type { Scheduler } from "./scheduler.js";

export interface Backoff {
  readonly baseMs: number;
  readonly capMs: number;
}

/** A step whose effect stands, and how to take it back. */
export interface DoneStep {
  readonly name: string;
  readonly position: number;
  readonly output: unknown;
  readonly undo: ((context: never, output: never) => unknown) | undefined;
  readonly undoOptions: { readonly attempts: number; readonly timeoutMs: number };
}

export interface Run {
  readonly journal: Journal;
  readonly scheduler: Scheduler;
  readonly runStep: RunStep;
  readonly now: () => Date;
  readonly backoff: Backoff;
  readonly valueBytes: number;
  /** Aborted when this worker may not go on. */
  readonly signal: AbortSignal;
  /** Held from writing a journal entry until its promise is settled: entries and code see the same order. */
  readonly order: Lock;
  /** Number of the next entry. Read and raised only while holding `order`. */
  nextPosition: number;
  readonly done: DoneStep[];
  /** Tells who watches that a step began to wait, failed or ended. */
  changed(step: { readonly name: string; readonly status: string }): void;
}

/**
 * Waits for the turn to write the next entry; the result gives it to the next one. Whoever has the turn must not wait for
 * a connection, because those who wait for the turn may have them all: so this takes one first.
 */
export async function takeTurn(run: Run, db: TenantDb): Promise<() => void> {
  await db.execute(sql`select 1`);
  return run.order.take();
}

/** Half to whole of the doubled time, so that those who failed together do not come back together. */
export function retryAt(now: Date, attempts: number, { baseMs, capMs }: Backoff): Date {
  const most = Math.min(capMs, baseMs * 2 ** Math.min(attempts - 1, 30));
  return new Date(now.getTime() + most / 2 + (Math.random() * most) / 2);
}
