/** Factor sets and factors: shared reference rows, and rows of one organization. */
import { sql } from "drizzle-orm";
import { boolean, date, index, integer, jsonb, numeric, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import type { EmissionScope, FactorOrigin, GasAmount, GwpBasis, HeatingValue, Stage } from "../reference/pack.js";
import { moment, sharedTable } from "./columns.js";

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
