/** Results and their lines, written once. */
import { integer, jsonb, numeric, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import type { ConsolidationApproach } from "../domain/consolidate.js";
import type { QualityCriterion } from "../domain/cover-consumption.js";
import type { GasGroup, Scope2Basis } from "../domain/result-line.js";
import type { EmissionScope, Stage } from "../reference/pack.js";
import { emissionCalculation } from "./calculations.js";
import { moment, tenantTable } from "./columns.js";

export const emissionResult = tenantTable(
  "emission_result",
  {
    id: uuid("id").primaryKey(),
    calculationId: uuid("calculation_id")
      .notNull()
      .references(() => emissionCalculation.id, { onDelete: "cascade" }),
    version: integer("version").notNull(),
    formulaVersion: text("formula_version").notNull(),
    gwpBasis: text("gwp_basis").$type<"AR4" | "AR5" | "AR6">().notNull(),
    consolidation: text("consolidation").$type<ConsolidationApproach>().notNull(),
    totalUses: text("total_uses").$type<Scope2Basis>().notNull(),
    scope1: numeric("scope1").notNull(),
    scope2Location: numeric("scope2_location").notNull(),
    scope2Market: numeric("scope2_market").notNull(),
    scope3: numeric("scope3").notNull(),
    total: numeric("total").notNull(),
    biogenicCo2: numeric("biogenic_co2").notNull(),
    scope3Categories: jsonb("scope3_categories").$type<{ category: number; kgCo2e: string }[]>().notNull(),
    gases: jsonb("gases").$type<{ gas: GasGroup; kgCo2e: string }[]>().notNull(),
    uncertaintyPercent: numeric("uncertainty_percent"),
    uncertaintyCoveragePercent: numeric("uncertainty_coverage_percent").notNull(),
    marketBased: jsonb("market_based").$type<MarketDisclosure>().notNull(),
    pendingEntries: integer("pending_entries").notNull(),
    calculatedBy: text("calculated_by").notNull(),
    calculatedAt: moment("calculated_at").notNull(),
  },
  (table) => [uniqueIndex("emission_result_version").on(table.calculationId, table.version)],
);

/** What the reader of a market-based figure must be told. Amounts in kWh. */
export interface MarketDisclosure {
  gridAverageKwh: string;
  coveredKwh: string;
  excess: { instrumentId: string; reference: string; kwh: string }[];
  refused: { instrumentId: string; reference: string; missing: QualityCriterion[] }[];
}

export const emissionResultLine = tenantTable(
  "emission_result_line",
  {
    id: uuid("id").primaryKey(),
    resultId: uuid("result_id")
      .notNull()
      .references(() => emissionResult.id, { onDelete: "cascade" }),
    position: integer("position").notNull(),
    /** No foreign key: the entry may be removed from a draft, the line of a past result stays. */
    entryId: uuid("entry_id").notNull(),
    siteId: uuid("site_id"),
    siteName: text("site_name"),
    activity: text("activity").notNull(),
    scope: text("scope").$type<EmissionScope>().notNull(),
    scope3Category: integer("scope3_category"),
    scope2Basis: text("scope2_basis").$type<Scope2Basis>(),
    stage: text("stage").$type<Stage>().notNull(),
    method: text("method").notNull(),
    quantity: numeric("quantity").notNull(),
    unit: text("unit").notNull(),
    convertedQuantity: numeric("converted_quantity").notNull(),
    convertedUnit: text("converted_unit").notNull(),
    factorId: uuid("factor_id"),
    factorKey: text("factor_key"),
    factorSetKey: text("factor_set_key"),
    factorYear: integer("factor_year"),
    factorRegion: text("factor_region"),
    kgPerUnit: numeric("kg_per_unit").notNull(),
    instrumentId: uuid("instrument_id"),
    share: numeric("share").notNull(),
    kgCo2e: numeric("kg_co2e").notNull(),
    biogenicKgCo2: numeric("biogenic_kg_co2").notNull(),
    gases: jsonb("gases").$type<{ gas: GasGroup; kgCo2e: string }[]>().notNull(),
    uncertaintyPercent: numeric("uncertainty_percent"),
    remarks: text("remarks").array().notNull(),
  },
  (table) => [uniqueIndex("emission_result_line_position").on(table.resultId, table.position)],
);
