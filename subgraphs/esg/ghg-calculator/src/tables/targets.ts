/** The base year with its changes, and reduction targets. */
import { boolean, integer, numeric, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import type { TargetMethod } from "../domain/plan-target.js";
import type { BaseYearChangeKind } from "../domain/recalculate-base-year.js";
import type { Scope2Basis } from "../domain/result-line.js";
import { emissionCalculation } from "./calculations.js";
import { moment, tenantTable } from "./columns.js";
import { emissionResult } from "./results.js";

export const emissionsBaseYear = tenantTable(
  "emissions_base_year",
  {
    id: uuid("id").primaryKey(),
    calculationId: uuid("calculation_id")
      .notNull()
      .references(() => emissionCalculation.id),
    resultId: uuid("result_id")
      .notNull()
      .references(() => emissionResult.id),
    year: integer("year").notNull(),
    tonnes: numeric("tonnes").notNull(),
    thresholdPercent: numeric("threshold_percent").notNull(),
    policy: text("policy"),
    createdBy: text("created_by").notNull(),
    createdAt: moment("created_at").notNull(),
  },
  (table) => [uniqueIndex("emissions_base_year_one").on(table.tenantId)],
);

export const baseYearChange = tenantTable("base_year_change", {
  id: uuid("id").primaryKey(),
  baseYearId: uuid("base_year_id")
    .notNull()
    .references(() => emissionsBaseYear.id, { onDelete: "cascade" }),
  kind: text("kind").$type<BaseYearChangeKind>().notNull(),
  description: text("description").notNull(),
  tonnesInBaseYear: numeric("tonnes_in_base_year").notNull(),
  existedInBaseYear: boolean("existed_in_base_year").notNull(),
  createdBy: text("created_by").notNull(),
  createdAt: moment("created_at").notNull(),
});

export type TargetScope = "SCOPE_1" | "SCOPE_2" | "SCOPE_1_AND_2" | "SCOPE_3" | "ALL";

export const reductionTarget = tenantTable("reduction_target", {
  id: uuid("id").primaryKey(),
  name: text("name").notNull(),
  method: text("method").$type<TargetMethod>().notNull(),
  covers: text("covers").$type<TargetScope>().notNull(),
  scope2Basis: text("scope2_basis").$type<Scope2Basis>().notNull(),
  baseYear: integer("base_year").notNull(),
  baseTonnes: numeric("base_tonnes").notNull(),
  targetYear: integer("target_year").notNull(),
  reductionPercent: numeric("reduction_percent"),
  createdBy: text("created_by").notNull(),
  createdAt: moment("created_at").notNull(),
});
