/** Reads: statements of one turn of the event loop share one pipelined, read-only transaction. */
import type { Scope, TenantDb } from "./contract.js";
import { DatabaseError } from "./errors.js";
import type { Rows, Shape } from "./line.js";
import type { Pool } from "./pool.js";
import { coded } from "./refusals.js";
import { checkScope, checkStillWanted, sendOpening, watch } from "./settings.js";
import { tenantDb } from "./tenant-db.js";
import { traced } from "./traced.js";

interface Read {
  readonly text: string;
  readonly parameters: readonly unknown[];
  readonly shape: Shape;
  resolve(rows: Rows): void;
  reject(error: unknown): void;
}

export function createReader(pool: Pool, role: string, scope: Scope): TenantDb {
  checkScope(scope);
  let group: Read[] = [];
  const leave = () => {
    const reads = group;
    group = [];
    void runGroup(pool, role, scope, reads);
  };
  return tenantDb({
    run: (text, parameters, shape) =>
      new Promise((resolve, reject) => {
        if (group.length === 0) setImmediate(leave);
        group.push({ text, parameters, shape, resolve, reject });
      }),
    nested: () =>
      Promise.reject(new DatabaseError("READ_ONLY", "A reader has no transactions of its own: use transaction().")),
  });
}

/** Settles every read of the group; never rejects. */
async function runGroup(pool: Pool, role: string, scope: Scope, reads: readonly Read[]): Promise<void> {
  try {
    checkStillWanted(scope);
    const sending = () => sendGroup(pool, role, scope, reads);
    const innocent = await traced("database.read", { "db.operation.batch.size": reads.length }, sending);
    await Promise.all(innocent.map((read) => runGroup(pool, role, scope, [read])));
  } catch (error) {
    for (const read of reads) read.reject(coded(error));
  }
}

/** Returns the reads that failed only because one before them did. */
async function sendGroup(pool: Pool, role: string, scope: Scope, reads: readonly Read[]): Promise<Read[]> {
  const line = await pool.acquire(scope);
  const watching = watch(line, scope);
  try {
    checkStillWanted(scope);
    const opening = Promise.all(sendOpening(line, "begin read only", role, scope));
    const replies = Promise.allSettled(reads.map((read) => line.send(read.text, read.parameters, read.shape)));
    const commit = line.command("commit").catch(() => {});
    const [opened, results] = await Promise.all([opening.then(() => null, coded), replies, commit]);
    if (opened) throw watching.reason() ?? opened;
    return settle(reads, results, watching.reason());
  } finally {
    await watching.end();
    pool.release(line);
  }
}

function settle(
  reads: readonly Read[],
  results: readonly PromiseSettledResult<Rows>[],
  reason: DatabaseError | null,
): Read[] {
  const innocent: Read[] = [];
  reads.forEach((read, index) => {
    const result = results[index];
    if (result?.status === "fulfilled") read.resolve(result.value);
    else if (!reason && index > 0 && result?.reason.code === "25P02") innocent.push(read);
    else read.reject(reason ?? coded(result?.reason));
  });
  return innocent;
}
