/** What a supplier reports about itself becomes an entry by the supplier-specific method. */
import { newId } from "@tessera/database";
import type { esgEvents } from "@tessera/shared-types";
import type { Context, Transaction } from "@tessera/subgraph";
import type { z } from "zod";
import { type CalculationRow, calculationForUpdate, draftCovering } from "../queries/calculations.js";
import { emissionEntry } from "../tables.js";
import { authorOf, markOutdated } from "./open-draft.js";
import { checkEntry } from "./record-entry.js";

type SupplierReport = z.infer<typeof esgEvents.supplierEmissionsReported.payload>;

/** A later report on the same category and days replaces the earlier one. Without a draft for the days nothing changes. */
export const takeSupplierEmissions = (ctx: Context, report: SupplierReport): Promise<void> =>
  ctx.transaction(async (tx) => {
    const calculation = await draftFor(tx, report);
    if (calculation?.status !== "DRAFT") {
      ctx.log.warn({ supplierId: report.supplierId }, "supplier's emissions without a draft to go into");
      return;
    }
    const entry = await entryOf(tx, calculation, report);
    const author = { createdBy: authorOf(ctx), createdAt: ctx.now() };
    const target = [emissionEntry.calculationId, emissionEntry.sourceKey];
    await tx
      .insert(emissionEntry)
      .values({ id: newId(), calculationId: calculation.id, ...entry, ...author })
      .onConflictDoUpdate({ target, set: { quantity: entry.quantity, supplier: entry.supplier } });
    await markOutdated(tx, calculation.id);
  });

async function draftFor(tx: Transaction, { calculationId, period }: SupplierReport): Promise<CalculationRow | null> {
  if (calculationId !== null) return calculationForUpdate(tx, calculationId);
  const found = await draftCovering(tx, period.start, period.end);
  return found && calculationForUpdate(tx, found.id);
}

async function entryOf(tx: Transaction, calculation: CalculationRow, report: SupplierReport) {
  const { supplierId, supplierName, period, category, tonnes } = report;
  const facts = await checkEntry(tx, calculation, {
    activity: "supplier-reported-emissions",
    quantity: tonnes,
    unit: "t CO2e",
    ...period,
    scope: "SCOPE_3",
    scope3Category: category,
    details: { supplier: { kgCo2ePerUnit: "1000" } },
    supplier: supplierName,
    dataQuality: "MEASURED",
  });
  const sourceKey = `supplier:${supplierId}:${category}:${period.start}:${period.end}`;
  return { ...facts, source: "SUPPLIER" as const, sourceId: supplierId, sourceKey, pendingReview: false };
}
