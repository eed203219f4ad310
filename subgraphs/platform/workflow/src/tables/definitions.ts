/** Definitions, their versions, and what sets them off. */
import { moduleSchema } from "@tessera/database";
import { sql } from "drizzle-orm";
import { boolean, index, integer, jsonb, text, unique, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { id, moment } from "../columns.js";

const { tenantTable } = moduleSchema("workflow");

export const kinds = ["WORKFLOW", "SAGA"] as const;
export const versionStates = ["DRAFT", "PUBLISHED", "RETIRED"] as const;

export const definitions = tenantTable(
  "definitions",
  {
    id: id(),
    /** What sub-workflows and clients call it by. */
    key: text("key").notNull(),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    createdBy: uuid("created_by"),
    createdAt: moment("created_at").notNull(),
  },
  (table) => [unique("definitions_key").on(table.tenantId, table.key)],
);

export const versions = tenantTable(
  "versions",
  {
    id: id(),
    definitionId: uuid("definition_id")
      .notNull()
      .references(() => definitions.id, { onDelete: "cascade" }),
    number: integer("number").notNull(),
    state: text("state", { enum: versionStates }).notNull(),
    /** See `definitions/definition.ts`; a draft may be wrong, what is published is not. */
    content: jsonb("content").notNull(),
    createdBy: uuid("created_by"),
    createdAt: moment("created_at").notNull(),
    publishedBy: uuid("published_by"),
    publishedAt: moment("published_at"),
    retiredAt: moment("retired_at"),
  },
  (table) => [
    unique("versions_number").on(table.definitionId, table.number),
    uniqueIndex("versions_one_draft").on(table.definitionId).where(sql`state = 'DRAFT'`),
    uniqueIndex("versions_one_published").on(table.definitionId).where(sql`state = 'PUBLISHED'`),
  ],
);

export const triggerTypes = ["EVENT", "SCHEDULE", "WEBHOOK"] as const;

/** Of published versions only; a trigger keeps its row, secret and switch when the next version has one of its name. */
export const triggers = tenantTable(
  "triggers",
  {
    id: id(),
    definitionId: uuid("definition_id")
      .notNull()
      .references(() => definitions.id, { onDelete: "cascade" }),
    /** The `id` it has in the definition. */
    name: text("name").notNull(),
    type: text("type", { enum: triggerTypes }).notNull(),
    /** The one that is published; null after it was retired. */
    versionId: uuid("version_id"),
    enabled: boolean("enabled").notNull().default(true),
    /** For EVENT. */
    eventType: text("event_type"),
    /** For SCHEDULE. */
    cron: text("cron"),
    timeZone: text("time_zone"),
    nextFireAt: moment("next_fire_at"),
    /** For WEBHOOK: the signing secret, sealed with a key of the installation. */
    sealedSecret: text("sealed_secret"),
    lastFiredAt: moment("last_fired_at"),
    lastError: text("last_error"),
    createdAt: moment("created_at").notNull(),
  },
  (table) => [
    unique("triggers_name").on(table.definitionId, table.name),
    index("triggers_event").on(table.tenantId, table.eventType),
    index("triggers_next").on(table.nextFireAt),
  ],
);

export type DefinitionRow = typeof definitions.$inferSelect;
export type VersionRow = typeof versions.$inferSelect;
export type TriggerRow = typeof triggers.$inferSelect;
