/**
 * What an organization keeps of its events: each one once and unchanged, the types they are of, the streams that say who
 * reads which of them, and what was done about them (replays, imports, decisions on dead letters).
 */
import type { CompatibilityMode } from "@tessera/contracts";
import { moduleSchema } from "@tessera/database";
import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  foreignKey,
  index,
  integer,
  json,
  jsonb,
  primaryKey,
  text,
  timestamp,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import type { EventFilter } from "./domain/event-filter.js";

const { tenantTable, sharedTable } = moduleSchema("events");

const moment = (name: string) => timestamp(name, { withTimezone: true });
const id = () => uuid("id").primaryKey();
const texts = (name: string) => text(name).array().notNull().default(sql`'{}'`);

export const storedEvents = tenantTable(
  "stored_events",
  {
    id: uuid("id").notNull(),
    /** Grows in the order of delivery, so events of one aggregate keep theirs. */
    position: bigint("position", { mode: "number" }).generatedAlwaysAsIdentity(),
    type: text("type").notNull(),
    version: integer("version").notNull(),
    aggregateId: text("aggregate_id").notNull(),
    source: text("source").notNull(),
    occurredAt: moment("occurred_at").notNull(),
    actorId: text("actor_id"),
    correlationId: text("correlation_id").notNull(),
    causationId: text("causation_id"),
    /** How many automatic steps led to it. */
    depth: integer("depth"),
    /** As it travelled, byte for byte; null once it was erased. */
    payload: json("payload").$type<unknown>(),
    /** Read from a file; null for one that happened here. */
    importId: uuid("import_id"),
    storedAt: moment("stored_at").notNull().defaultNow(),
    /** When the payload was removed because of the person it is about. */
    erasedAt: moment("erased_at"),
  },
  (table) => [
    // With the tenant first, so that an import can neither meet nor guess an event of somebody else.
    primaryKey({ name: "stored_events_key", columns: [table.tenantId, table.id] }),
    index("stored_events_position").on(table.tenantId, table.position),
    index("stored_events_time").on(table.tenantId, table.occurredAt, table.id),
    index("stored_events_type").on(table.tenantId, table.type, table.occurredAt, table.id),
    index("stored_events_aggregate").on(table.tenantId, table.aggregateId, table.occurredAt, table.id),
    index("stored_events_correlation").on(table.tenantId, table.correlationId),
    index("stored_events_actor").on(table.tenantId, table.actorId, table.occurredAt, table.id),
  ],
);

/** People whose data is gone from payloads, and must not come back with a late event or an import. */
export const erasedPeople = tenantTable(
  "erased_people",
  { userId: text("user_id").notNull(), erasedAt: moment("erased_at").notNull() },
  (table) => [primaryKey({ name: "erased_people_key", columns: [table.tenantId, table.userId] })],
);

/** The platform's own types are rows without tenant; an organization adds those of its own producers. */
export const eventTypes = sharedTable(
  "event_types",
  {
    id: id(),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    compatibility: text("compatibility").$type<CompatibilityMode>().notNull(),
    createdAt: moment("created_at").notNull().defaultNow(),
  },
  (table) => [unique("event_types_name").on(table.tenantId, table.name)],
);

export const eventTypeVersions = sharedTable(
  "event_type_versions",
  {
    id: id(),
    eventTypeId: uuid("event_type_id").notNull(),
    version: integer("version").notNull(),
    /** JSON Schema of the payload. */
    schema: jsonb("schema").$type<Readonly<Record<string, unknown>>>().notNull(),
    registeredBy: uuid("registered_by"),
    registeredAt: moment("registered_at").notNull().defaultNow(),
  },
  (table) => [
    unique("event_type_versions_key").on(table.eventTypeId, table.version),
    foreignKey({
      name: "event_type_versions_type",
      columns: [table.eventTypeId],
      foreignColumns: [eventTypes.id],
    }).onDelete("cascade"),
  ],
);

/** Keys under which producers outside have published, so that a repeated call publishes nothing. */
export const publications = tenantTable(
  "publications",
  {
    key: text("key").notNull(),
    type: text("type").notNull(),
    version: integer("version").notNull(),
    correlationId: text("correlation_id").notNull(),
    publishedAt: moment("published_at").notNull(),
  },
  (table) => [primaryKey({ name: "publications_key", columns: [table.tenantId, table.key] })],
);

export const eventStreams = tenantTable(
  "event_streams",
  {
    id: id(),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    /** Exact names, or everything below a word: `ghg.*`. Empty lists leave nothing out. */
    types: texts("types"),
    sources: texts("sources"),
    aggregateIds: texts("aggregate_ids"),
    /** Null keeps them for good. */
    retentionDays: integer("retention_days"),
    readerRoles: texts("reader_roles"),
    readerScopes: texts("reader_scopes"),
    createdAt: moment("created_at").notNull(),
    updatedAt: moment("updated_at").notNull(),
  },
  (table) => [unique("event_streams_name").on(table.tenantId, table.name)],
);

export const replayStates = ["RUNNING", "PAUSED", "COMPLETED", "CANCELLED", "FAILED"] as const;
export type ReplayState = (typeof replayStates)[number];

export const replays = tenantTable(
  "replays",
  {
    id: id(),
    /** Null repeats the events to every consumer. */
    consumer: text("consumer"),
    filter: jsonb("filter").$type<EventFilter>().notNull(),
    reason: text("reason").notNull(),
    state: text("state").$type<ReplayState>().notNull(),
    /** Grows whenever it is set going, so that what was set going before stops. */
    round: integer("round").notNull().default(1),
    /** Events that were to be repeated when it started. */
    total: integer("total").notNull(),
    sent: integer("sent").notNull().default(0),
    /** Everything up to this position has been sent. */
    position: bigint("position", { mode: "number" }).notNull().default(0),
    /** The newest position when it started: what happens later is no part of it. */
    lastPosition: bigint("last_position", { mode: "number" }).notNull(),
    failure: text("failure"),
    startedBy: uuid("started_by"),
    startedAt: moment("started_at").notNull(),
    finishedAt: moment("finished_at"),
  },
  (table) => [index("replays_started").on(table.tenantId, table.startedAt)],
);

export interface RefusedLine {
  readonly line: number;
  readonly reason: string;
}

export const eventImports = tenantTable(
  "event_imports",
  {
    id: id(),
    lines: integer("lines").notNull().default(0),
    stored: integer("stored").notNull().default(0),
    /** Lines whose event was stored before. */
    known: integer("known").notNull().default(0),
    refused: jsonb("refused").$type<readonly RefusedLine[]>().notNull().default([]),
    refusedCount: integer("refused_count").notNull().default(0),
    complete: boolean("complete").notNull().default(false),
    importedBy: uuid("imported_by"),
    startedAt: moment("started_at").notNull(),
    updatedAt: moment("updated_at").notNull(),
  },
  (table) => [index("event_imports_started").on(table.tenantId, table.startedAt)],
);

export const deadLetterDecisions = tenantTable(
  "dead_letter_decisions",
  {
    id: id(),
    deadLetterId: text("dead_letter_id").notNull(),
    eventId: uuid("event_id").notNull(),
    consumer: text("consumer").notNull(),
    decision: text("decision").$type<"RETRIED" | "EDITED" | "DISCARDED">().notNull(),
    reason: text("reason"),
    decidedBy: uuid("decided_by"),
    decidedAt: moment("decided_at").notNull(),
  },
  (table) => [index("dead_letter_decisions_event").on(table.tenantId, table.eventId)],
);
