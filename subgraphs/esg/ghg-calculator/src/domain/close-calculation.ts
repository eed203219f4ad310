/** Locking, approving, and the only way back: a revision. */
import { newId } from "@tessera/database";
import type { Context, Transaction } from "@tessera/subgraph";
import { eq } from "drizzle-orm";
import { errors } from "../errors.js";
import { type CalculationRow, instrumentsOfCalculations, revisionOf } from "../queries/calculations.js";
import { countPending, entriesOfCalculation, insertEntries } from "../queries/entries.js";
import { resultOfVersion } from "../queries/results.js";
import { contractualInstrument, emissionCalculation } from "../tables.js";
import { checkText } from "./check-input.js";
import { authorOf, holdCalculation, openDraft } from "./open-draft.js";
import { publishResult } from "./recalculate-emissions.js";

/** @throws CALCULATION_CLOSED, REVIEW_PENDING, RESULT_OUTDATED */
export const lockEmissionCalculation = (ctx: Context, id: string): Promise<CalculationRow> =>
  ctx.transaction(async (tx) => {
    const calculation = await openDraft(tx, id);
    const pending = await countPending(tx, id);
    if (pending > 0) throw errors.REVIEW_PENDING({ count: pending });
    if (calculation.resultOutdated || calculation.latestVersion === 0) throw errors.RESULT_OUTDATED({ id });
    return close(tx, calculation, { status: "LOCKED", lockedBy: authorOf(ctx), lockedAt: ctx.now() });
  });

/** Four eyes: nobody approves what they locked themselves. @throws CALCULATION_NOT_LOCKED, FOUR_EYES */
export const approveEmissionCalculation = (ctx: Context, id: string): Promise<CalculationRow> =>
  ctx.transaction(async (tx) => {
    const calculation = await holdCalculation(tx, id);
    if (calculation.status !== "LOCKED") throw errors.CALCULATION_NOT_LOCKED({ id, status: calculation.status });
    if (calculation.lockedBy === authorOf(ctx)) throw errors.FOUR_EYES({ id });
    return close(tx, calculation, { status: "APPROVED", approvedBy: authorOf(ctx), approvedAt: ctx.now() });
  });

async function close(tx: Transaction, { id, latestVersion }: CalculationRow, changes: Partial<CalculationRow>) {
  const [row] = await tx.update(emissionCalculation).set(changes).where(eq(emissionCalculation.id, id)).returning();
  const result = await resultOfVersion(tx, id, latestVersion);
  if (row && result) publishResult(tx, row, result);
  return row as CalculationRow;
}

/** A new draft with copies of all entries and instruments. @throws CALCULATION_NOT_CLOSED, REVISION_EXISTS */
export const reviseEmissionCalculation = (ctx: Context, id: string, reason: string): Promise<CalculationRow> =>
  ctx.transaction(async (tx) => {
    const closed = await holdCalculation(tx, id);
    if (closed.status === "DRAFT") throw errors.CALCULATION_NOT_CLOSED({ id });
    const existing = await revisionOf(tx, id);
    if (existing) throw errors.REVISION_EXISTS({ id, revision: existing.id });
    const revision = await openRevision(ctx, tx, closed, checkText("reason", reason, 500));
    await copyContents(tx, closed.id, revision.id);
    return revision;
  });

async function openRevision(ctx: Context, tx: Transaction, closed: CalculationRow, revisionReason: string) {
  const values = {
    ...closed,
    id: newId(),
    status: "DRAFT",
    revision: closed.revision + 1,
    revisionOf: closed.id,
    revisionReason,
    latestVersion: 0,
    resultOutdated: true,
    createdBy: authorOf(ctx),
    createdAt: ctx.now(),
    lockedBy: null,
    lockedAt: null,
    approvedBy: null,
    approvedAt: null,
  } as const;
  const [row] = await tx.insert(emissionCalculation).values(values).returning();
  return row as CalculationRow;
}

async function copyContents(tx: Transaction, from: string, to: string): Promise<void> {
  const [instruments = []] = await instrumentsOfCalculations(tx, [from]);
  const copies = new Map(instruments.map(({ id }) => [id, newId()]));
  const copyOf = (id: string | null): string | null => (id ? (copies.get(id) ?? null) : null);
  if (instruments.length > 0) {
    const rows = instruments.map((row) => ({ ...row, id: copies.get(row.id) ?? newId(), calculationId: to }));
    await tx.insert(contractualInstrument).values(rows);
  }
  const entries = await entriesOfCalculation(tx, from);
  await insertEntries(
    tx,
    entries.map((row) => ({ ...row, id: newId(), calculationId: to, instrumentId: copyOf(row.instrumentId) })),
  );
}
