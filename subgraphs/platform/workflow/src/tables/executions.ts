/** Executions and their steps. */
import { moduleSchema } from "@tessera/database";
import { index, integer, jsonb, text, unique, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { id, moment } from "../columns.js";
import { definitions, kinds, versions } from "./definitions.js";

const { tenantTable } = moduleSchema("workflow");

export const executionStates = [
  "RUNNING",
  "WAITING",
  "PAUSED",
  "COMPLETED",
  "FAILED",
  "UNDOING",
  "UNDONE",
  "STUCK",
  "CANCELLED",
] as const;

/** What went wrong, for people. */
export interface StoredProblem {
  readonly code: string;
  readonly message: string;
  readonly stepPath?: string;
}

export const executions = tenantTable(
  "executions",
  {
    id: id(),
    definitionId: uuid("definition_id")
      .notNull()
      .references(() => definitions.id),
    versionId: uuid("version_id")
      .notNull()
      .references(() => versions.id),
    kind: text("kind", { enum: kinds }).notNull(),
    state: text("state", { enum: executionStates }).notNull(),
    input: jsonb("input").notNull(),
    output: jsonb("output"),
    problem: jsonb("problem").$type<StoredProblem>(),
    /** The person; null when a trigger or another execution started it. */
    startedBy: uuid("started_by"),
    triggerId: uuid("trigger_id"),
    parentId: uuid("parent_id"),
    parentStepPath: text("parent_step_path"),
    /** Starting twice with one key starts once. For a trigger: what set it off. */
    idempotencyKey: text("idempotency_key"),
    startedAt: moment("started_at").notNull(),
    finishedAt: moment("finished_at"),
    /** By the definition's `slaSeconds`. */
    dueAt: moment("due_at"),
  },
  (table) => [
    uniqueIndex("executions_once").on(table.tenantId, table.definitionId, table.idempotencyKey),
    index("executions_definition").on(table.definitionId, table.startedAt),
    index("executions_started").on(table.tenantId, table.startedAt),
    index("executions_parent").on(table.parentId),
  ],
);

export const stepStates = ["RUNNING", "WAITING", "COMPLETED", "FAILED", "SKIPPED", "CANCELLED"] as const;
export const undoStates = ["NONE", "UNDOING", "UNDONE", "FAILED"] as const;

/** One run of one step. A step within a loop or a branch has a row per item or branch. */
export const steps = tenantTable(
  "steps",
  {
    id: id(),
    executionId: uuid("execution_id")
      .notNull()
      .references(() => executions.id, { onDelete: "cascade" }),
    /** Unique within the execution, such as `charge`, `each[3].send` or `both.left.send`. */
    path: text("path").notNull(),
    /** The `id` it has in the definition. */
    stepId: text("step_id").notNull(),
    type: text("type").notNull(),
    name: text("name").notNull(),
    state: text("state", { enum: stepStates }).notNull(),
    attempts: integer("attempts").notNull().default(1),
    input: jsonb("input"),
    output: jsonb("output"),
    problem: jsonb("problem").$type<StoredProblem>(),
    startedAt: moment("started_at").notNull(),
    finishedAt: moment("finished_at"),
    undoState: text("undo_state", { enum: undoStates }).notNull().default("NONE"),
    undoneAt: moment("undone_at"),
    undoProblem: jsonb("undo_problem").$type<StoredProblem>(),
  },
  (table) => [unique("steps_path").on(table.executionId, table.path)],
);

export type ExecutionRow = typeof executions.$inferSelect;
export type StepRow = typeof steps.$inferSelect;
