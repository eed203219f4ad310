/** Opening an inventory for a period, and changing its settings while it is a draft. */
import { newId } from "@tessera/database";
import type { Context, Transaction } from "@tessera/subgraph";
import { eq } from "drizzle-orm";
import { errors } from "../errors.js";
import type { CalculationRow } from "../queries/calculations.js";
import { currentFactorSets } from "../queries/factors.js";
import { emissionCalculation } from "../tables.js";
import { checkPeriod, checkRegion, checkText } from "./check-input.js";
import type { ConsolidationApproach } from "./consolidate.js";
import { authorOf, openDraft } from "./open-draft.js";
import type { Scope2Basis } from "./result-line.js";

export interface CalculationInput {
  name: string;
  start: string;
  end: string;
  region: string;
  gwpBasis?: "AR4" | "AR5" | "AR6" | null;
  consolidation?: ConsolidationApproach | null;
  factorSets?: readonly string[] | null;
  totalUses?: Scope2Basis | null;
  automaticCategory3?: boolean | null;
  upstreamOfScope3?: boolean | null;
}

/** @throws INVALID_PERIOD, UNKNOWN_FACTOR_SET */
export const createEmissionCalculation = (ctx: Context, input: CalculationInput): Promise<CalculationRow> =>
  ctx.transaction(async (tx) => {
    const opening = { status: "DRAFT", revision: 1, latestVersion: 0, resultOutdated: true } as const;
    const author = { createdBy: authorOf(ctx), createdAt: ctx.now() };
    const values = { id: newId(), ...(await settingsOf(tx, input)), ...opening, ...author };
    const [row] = await tx.insert(emissionCalculation).values(values).returning();
    return row as CalculationRow;
  });

/** @throws CALCULATION_CLOSED */
export const updateEmissionCalculation = (ctx: Context, id: string, input: CalculationInput): Promise<CalculationRow> =>
  ctx.transaction(async (tx) => {
    await openDraft(tx, id);
    const changes = { ...(await settingsOf(tx, input)), resultOutdated: true };
    const [row] = await tx.update(emissionCalculation).set(changes).where(eq(emissionCalculation.id, id)).returning();
    return row as CalculationRow;
  });

async function settingsOf(tx: Transaction, input: CalculationInput) {
  const { start, end } = checkPeriod(input);
  const factorSets = [...new Set(input.factorSets ?? [])];
  const known = new Set((await currentFactorSets(tx)).map(({ key }) => key));
  const strange = factorSets.find((key) => !known.has(key));
  if (strange !== undefined) throw errors.UNKNOWN_FACTOR_SET({ key: strange });
  return {
    name: checkText("name", input.name),
    periodStart: start,
    periodEnd: end,
    region: checkRegion(input.region),
    gwpBasis: input.gwpBasis ?? "AR5",
    consolidation: input.consolidation ?? "OPERATIONAL_CONTROL",
    factorSets,
    totalUses: input.totalUses ?? "LOCATION",
    automaticCategory3: input.automaticCategory3 ?? true,
    upstreamOfScope3: input.upstreamOfScope3 ?? false,
  } as const;
}
