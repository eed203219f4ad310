/** Calculations with what goes into them: sites, entries and contractual instruments. */
import { sql } from "drizzle-orm";
import { boolean, date, index, integer, jsonb, numeric, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import type { Pedigree } from "../domain/combine-uncertainty.js";
import type { ConsolidationApproach } from "../domain/consolidate.js";
import type { InstrumentKind, QualityCriterion } from "../domain/cover-consumption.js";
import type { EntryDetails } from "../domain/derive-activity.js";
import type { Scope2Basis } from "../domain/result-line.js";
import type { EmissionScope, HeatingValue } from "../reference/pack.js";
import { moment, tenantTable } from "./columns.js";
import { emissionFactor } from "./factors.js";

export const emissionSite = tenantTable(
  "emission_site",
  {
    id: uuid("id").primaryKey(),
    name: text("name").notNull(),
    region: text("region").notNull(),
    ownershipPercent: numeric("ownership_percent").notNull(),
    financialControl: boolean("financial_control").notNull(),
    operationalControl: boolean("operational_control").notNull(),
    openedOn: date("opened_on"),
    createdAt: moment("created_at").notNull(),
  },
  (table) => [uniqueIndex("emission_site_name").on(table.tenantId, sql`lower(${table.name})`)],
);

export type CalculationStatus = "DRAFT" | "LOCKED" | "APPROVED";

export const emissionCalculation = tenantTable(
  "emission_calculation",
  {
    id: uuid("id").primaryKey(),
    name: text("name").notNull(),
    periodStart: date("period_start").notNull(),
    periodEnd: date("period_end").notNull(),
    gwpBasis: text("gwp_basis").$type<"AR4" | "AR5" | "AR6">().notNull(),
    consolidation: text("consolidation").$type<ConsolidationApproach>().notNull(),
    /** Set keys in order of preference; empty: by region and date. */
    factorSets: text("factor_sets").array().notNull(),
    region: text("region").notNull(),
    totalUses: text("total_uses").$type<Scope2Basis>().notNull(),
    automaticCategory3: boolean("automatic_category3").notNull(),
    upstreamOfScope3: boolean("upstream_of_scope3").notNull(),
    status: text("status").$type<CalculationStatus>().notNull(),
    revision: integer("revision").notNull(),
    revisionOf: uuid("revision_of"),
    revisionReason: text("revision_reason"),
    latestVersion: integer("latest_version").notNull(),
    /** Entries, instruments, sites or settings changed after the latest result. */
    resultOutdated: boolean("result_outdated").notNull(),
    createdBy: text("created_by").notNull(),
    createdAt: moment("created_at").notNull(),
    lockedBy: text("locked_by"),
    lockedAt: moment("locked_at"),
    approvedBy: text("approved_by"),
    approvedAt: moment("approved_at"),
  },
  (table) => [index("emission_calculation_period").on(table.tenantId, table.periodStart)],
);

export type EntrySource = "MANUAL" | "IMPORT" | "DOCUMENT" | "SUPPLIER";
export type DataQuality = "MEASURED" | "CALCULATED" | "ESTIMATED";

export const emissionEntry = tenantTable(
  "emission_entry",
  {
    id: uuid("id").primaryKey(),
    calculationId: uuid("calculation_id")
      .notNull()
      .references(() => emissionCalculation.id, { onDelete: "cascade" }),
    siteId: uuid("site_id").references(() => emissionSite.id),
    activity: text("activity").notNull(),
    quantity: numeric("quantity").notNull(),
    unit: text("unit").notNull(),
    heatingValue: text("heating_value").$type<HeatingValue>(),
    periodStart: date("period_start").notNull(),
    periodEnd: date("period_end").notNull(),
    region: text("region"),
    factorId: uuid("factor_id").references(() => emissionFactor.id),
    scope: text("scope").$type<EmissionScope>(),
    scope3Category: integer("scope3_category"),
    details: jsonb("details").$type<EntryDetails>().notNull(),
    instrumentId: uuid("instrument_id").references(() => contractualInstrument.id),
    supplier: text("supplier"),
    supplierId: uuid("supplier_id"),
    notes: text("notes"),
    /** Bought from another part of the same organization, where it is counted already. */
    intraGroup: boolean("intra_group").notNull(),
    dataQuality: text("data_quality").$type<DataQuality>(),
    uncertaintyPercent: numeric("uncertainty_percent"),
    factorUncertaintyPercent: numeric("factor_uncertainty_percent"),
    pedigree: jsonb("pedigree").$type<Pedigree>(),
    source: text("source").$type<EntrySource>().notNull(),
    /** Import, document or supplier the entry came from. */
    sourceId: text("source_id"),
    /** Row of the imported file, or position in the document. */
    sourceRow: integer("source_row"),
    /** What makes the same figure the same, however often it arrives. */
    sourceKey: text("source_key"),
    pendingReview: boolean("pending_review").notNull(),
    createdBy: text("created_by").notNull(),
    createdAt: moment("created_at").notNull(),
  },
  (table) => [
    index("emission_entry_calculation").on(table.calculationId),
    uniqueIndex("emission_entry_source").on(table.calculationId, table.sourceKey),
  ],
);

export const contractualInstrument = tenantTable(
  "contractual_instrument",
  {
    id: uuid("id").primaryKey(),
    calculationId: uuid("calculation_id")
      .notNull()
      .references(() => emissionCalculation.id, { onDelete: "cascade" }),
    kind: text("kind").$type<InstrumentKind>().notNull(),
    reference: text("reference").notNull(),
    market: text("market").notNull(),
    vintage: integer("vintage").notNull(),
    kwh: numeric("kwh"),
    kgPerKwh: numeric("kg_per_kwh").notNull(),
    criteriaMet: text("criteria_met").array().$type<QualityCriterion[]>().notNull(),
    createdBy: text("created_by").notNull(),
    createdAt: moment("created_at").notNull(),
  },
  (table) => [uniqueIndex("contractual_instrument_reference").on(table.calculationId, table.reference)],
);
