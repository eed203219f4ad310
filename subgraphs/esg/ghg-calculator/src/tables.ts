/** What the calculator keeps. Quantities and emissions are numerics, read and written as decimal strings. */
import { moduleSchema } from "@tessera/database";
import { sql } from "drizzle-orm";
import {
  boolean,
  customType,
  date,
  index,
  integer,
  jsonb,
  numeric,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import type { Pedigree } from "./domain/combine-uncertainty.js";
import type { ConsolidationApproach } from "./domain/consolidate.js";
import type { InstrumentKind, QualityCriterion } from "./domain/cover-consumption.js";
import type { EntryDetails } from "./domain/derive-activity.js";
import type { TargetMethod } from "./domain/plan-target.js";
import type { RowError } from "./domain/read-activity-rows.js";
import type { BaseYearChangeKind } from "./domain/recalculate-base-year.js";
import type { GasGroup, Scope2Basis } from "./domain/result-line.js";
import type { EmissionScope, FactorOrigin, GasAmount, GwpBasis, HeatingValue, Stage } from "./reference/pack.js";

const { tenantTable, sharedTable } = moduleSchema("ghg-calculator");
const bytea = customType<{ data: Buffer }>({ dataType: () => "bytea" });
const moment = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });

export const factorSet = sharedTable(
  "factor_set",
  {
    id: uuid("id").primaryKey(),
    key: text("key").notNull(),
    version: text("version").notNull(),
    kind: text("kind").$type<"FACTORS" | "GWP">().notNull(),
    title: text("title").notNull(),
    publisher: text("publisher").notNull(),
    sourceDocument: text("source_document").notNull(),
    year: integer("year").notNull(),
    publishedOn: text("published_on"),
    validFrom: date("valid_from"),
    validTo: date("valid_to"),
    region: text("region").notNull(),
    licence: text("licence").notNull(),
    attribution: text("attribution").notNull(),
    gwpBasis: text("gwp_basis").$type<GwpBasis>(),
    notes: jsonb("notes").$type<string[]>().notNull(),
    checksum: text("checksum").notNull(),
    current: boolean("current").notNull(),
    rowCount: integer("row_count").notNull(),
  },
  (table) => [uniqueIndex("factor_set_key_version").on(table.key, table.version).where(sql`tenant_id is null`)],
);

export const emissionFactor = sharedTable(
  "emission_factor",
  {
    id: uuid("id").primaryKey(),
    factorSetId: uuid("factor_set_id").references(() => factorSet.id),
    setKey: text("set_key").notNull(),
    key: text("key").notNull(),
    origin: text("origin").$type<FactorOrigin>().notNull(),
    year: integer("year").notNull(),
    validFrom: date("valid_from"),
    validTo: date("valid_to"),
    region: text("region").notNull(),
    scope: text("scope").$type<EmissionScope>().notNull(),
    stage: text("stage").$type<Stage>().notNull(),
    scope3Categories: jsonb("scope3_categories").$type<number[]>().notNull(),
    path: jsonb("path").$type<string[]>().notNull(),
    activity: text("activity").notNull(),
    unit: text("unit").notNull(),
    heatingValue: text("heating_value").$type<HeatingValue>(),
    kgCo2e: numeric("kg_co2e"),
    gases: jsonb("gases").$type<GasAmount[]>().notNull(),
    gwpBasis: text("gwp_basis").$type<GwpBasis>(),
    biogenic: boolean("biogenic").notNull(),
    wttKey: text("wtt_key"),
    tdKey: text("td_key"),
    wttTdKey: text("wtt_td_key"),
    biogenicKey: text("biogenic_key"),
    electricityKey: text("electricity_key"),
    lossFraction: numeric("loss_fraction"),
    priceYear: integer("price_year"),
    note: text("note"),
    supplierId: uuid("supplier_id"),
    /** Where a custom factor's figure was taken from. */
    source: text("source"),
    retiredAt: moment("retired_at"),
    createdBy: text("created_by"),
    searchText: text("search_text").notNull(),
  },
  (table) => [
    index("emission_factor_activity").on(table.activity),
    index("emission_factor_set").on(table.factorSetId),
    index("emission_factor_key").on(table.key),
  ],
);

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

export const emissionResult = tenantTable(
  "emission_result",
  {
    id: uuid("id").primaryKey(),
    calculationId: uuid("calculation_id")
      .notNull()
      .references(() => emissionCalculation.id, { onDelete: "cascade" }),
    version: integer("version").notNull(),
    formulaVersion: text("formula_version").notNull(),
    gwpBasis: text("gwp_basis").$type<GwpBasis>().notNull(),
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

export type ImportStatus = "REQUESTED" | "DONE" | "FAILED";

export const activityImport = tenantTable(
  "activity_import",
  {
    id: uuid("id").primaryKey(),
    calculationId: uuid("calculation_id")
      .notNull()
      .references(() => emissionCalculation.id, { onDelete: "cascade" }),
    fileName: text("file_name").notNull(),
    format: text("format").$type<"CSV" | "XLSX">().notNull(),
    bytes: integer("bytes").notNull(),
    sha256: text("sha256").notNull(),
    content: bytea("content").notNull(),
    status: text("status").$type<ImportStatus>().notNull(),
    rowsTotal: integer("rows_total").notNull(),
    rowsDone: integer("rows_done").notNull(),
    rowsFailed: integer("rows_failed").notNull(),
    /** The first five hundred. */
    rowErrors: jsonb("row_errors").$type<RowError[]>().notNull(),
    ignoredColumns: text("ignored_columns").array().notNull(),
    resultVersion: integer("result_version"),
    createdBy: text("created_by").notNull(),
    createdAt: moment("created_at").notNull(),
    finishedAt: moment("finished_at"),
  },
  (table) => [index("activity_import_content").on(table.calculationId, table.sha256)],
);

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
