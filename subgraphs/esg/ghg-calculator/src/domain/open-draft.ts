/** What every command on a calculation starts with: hold it, and make sure it may still change. */
import type { Context, Transaction } from "@tessera/subgraph";
import { eq } from "drizzle-orm";
import { errors } from "../errors.js";
import { type CalculationRow, calculationForUpdate } from "../queries/calculations.js";
import { emissionCalculation } from "../tables.js";

/** Id of who acts; the module itself where nobody does. */
export const authorOf = (ctx: Context): string => ctx.actor?.id ?? "ghg-calculator";

/** @throws CALCULATION_NOT_FOUND */
export async function holdCalculation(tx: Transaction, id: string): Promise<CalculationRow> {
  const calculation = await calculationForUpdate(tx, id);
  if (!calculation) throw errors.CALCULATION_NOT_FOUND({ id });
  return calculation;
}

/** @throws CALCULATION_NOT_FOUND, CALCULATION_CLOSED */
export async function openDraft(tx: Transaction, id: string): Promise<CalculationRow> {
  const calculation = await holdCalculation(tx, id);
  if (calculation.status !== "DRAFT") throw errors.CALCULATION_CLOSED({ id, status: calculation.status });
  return calculation;
}

/** The latest result no longer says what the entries say. */
export async function markOutdated(tx: Transaction, id: string): Promise<void> {
  await tx.update(emissionCalculation).set({ resultOutdated: true }).where(eq(emissionCalculation.id, id));
}

/** Something all drafts may depend on has changed: a site, a factor of one's own. */
export async function markDraftsOutdated(tx: Transaction): Promise<void> {
  await tx.update(emissionCalculation).set({ resultOutdated: true }).where(eq(emissionCalculation.status, "DRAFT"));
}
