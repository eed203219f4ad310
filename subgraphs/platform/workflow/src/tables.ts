/**
 * Definitions and their versions, what runs of them (executions and their steps), what sets them off (triggers), and
 * what waits for people (tasks and approvals).
 */
import { moduleSchema, newId } from "@tessera/database";
import { sql } from "drizzle-orm";
import { boolean, index, integer, jsonb, text, timestamp, unique, uniqueIndex, uuid } from "drizzle-orm/pg-core";

const { tenantTable } = moduleSchema("workflow");

const moment = (name: string) => timestamp(name, { withTimezone: true });
const id = () => uuid("id").primaryKey().$defaultFn(newId);

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

export const taskStates = ["OPEN", "CLAIMED", "COMPLETED", "CANCELLED"] as const;

/** When something is due, and what follows when it is not done by then. */
const deadline = {
  dueAt: moment("due_at"),
  warnAt: moment("warn_at"),
  warnedAt: moment("warned_at"),
  escalateTo: text("escalate_to"),
  escalatedAt: moment("escalated_at"),
};
/** Where it comes from; null for what people ask of each other without a workflow. */
const origin = {
  executionId: uuid("execution_id").references(() => executions.id, { onDelete: "cascade" }),
  stepPath: text("step_path"),
};

export const tasks = tenantTable(
  "tasks",
  {
    id: id(),
    ...origin,
    title: text("title").notNull(),
    instructions: text("instructions").notNull().default(""),
    form: jsonb("form").$type<Record<string, unknown>>(),
    data: jsonb("data"),
    state: text("state", { enum: taskStates }).notNull(),
    /** Who has it; null while it waits for somebody of the role. */
    assigneeId: uuid("assignee_id"),
    /** Who may claim it. */
    role: text("role"),
    ...deadline,
    answer: jsonb("answer"),
    createdBy: uuid("created_by"),
    createdAt: moment("created_at").notNull(),
    completedBy: uuid("completed_by"),
    completedAt: moment("completed_at"),
  },
  (table) => [
    uniqueIndex("tasks_step").on(table.executionId, table.stepPath),
    index("tasks_assignee").on(table.tenantId, table.assigneeId, table.state),
    index("tasks_role").on(table.tenantId, table.role, table.state),
  ],
);

export const approvalStates = ["PENDING", "APPROVED", "REJECTED", "CANCELLED"] as const;
export const approvalRules = ["ALL", "ANY", "QUORUM"] as const;

export const approvals = tenantTable(
  "approvals",
  {
    id: id(),
    ...origin,
    title: text("title").notNull(),
    instructions: text("instructions").notNull().default(""),
    data: jsonb("data"),
    state: text("state", { enum: approvalStates }).notNull(),
    rule: text("rule", { enum: approvalRules }).notNull(),
    /** How many have to approve. */
    needed: integer("needed").notNull(),
    requestedBy: uuid("requested_by"),
    requesterMayDecide: boolean("requester_may_decide").notNull(),
    ...deadline,
    createdAt: moment("created_at").notNull(),
    decidedAt: moment("decided_at"),
  },
  (table) => [
    uniqueIndex("approvals_step").on(table.executionId, table.stepPath),
    index("approvals_state").on(table.tenantId, table.state),
  ],
);

export const decisions = ["APPROVED", "REJECTED"] as const;

/** One decision that is asked for, of one person or of anybody of a role. */
export const votes = tenantTable(
  "votes",
  {
    id: id(),
    approvalId: uuid("approval_id")
      .notNull()
      .references(() => approvals.id, { onDelete: "cascade" }),
    position: integer("position").notNull(),
    personId: uuid("person_id"),
    role: text("role"),
    decision: text("decision", { enum: decisions }),
    decidedBy: uuid("decided_by"),
    decidedAt: moment("decided_at"),
    comment: text("comment"),
  },
  (table) => [
    unique("votes_position").on(table.approvalId, table.position),
    uniqueIndex("votes_one_each").on(table.approvalId, table.decidedBy),
    index("votes_person").on(table.tenantId, table.personId),
    index("votes_role").on(table.tenantId, table.role),
  ],
);

export const trailActions = [
  "CREATED",
  "CLAIMED",
  "RELEASED",
  "DELEGATED",
  "COMPLETED",
  "APPROVED",
  "REJECTED",
  "COMMENTED",
  "WARNED",
  "ESCALATED",
  "CANCELLED",
] as const;

/** What was done with a task or an approval, by whom, in order. Nothing here is ever changed. */
export const trail = tenantTable(
  "trail",
  {
    id: id(),
    /** Of the task or the approval. */
    subjectId: uuid("subject_id").notNull(),
    action: text("action", { enum: trailActions }).notNull(),
    /** Null when the deadline or the execution did it. */
    actorId: uuid("actor_id"),
    /** Delegated to. */
    personId: uuid("person_id"),
    /** Escalated to. */
    role: text("role"),
    note: text("note").notNull().default(""),
    at: moment("at").notNull(),
  },
  (table) => [index("trail_subject").on(table.subjectId, table.at)],
);

export type DefinitionRow = typeof definitions.$inferSelect;
export type VersionRow = typeof versions.$inferSelect;
export type TriggerRow = typeof triggers.$inferSelect;
export type ExecutionRow = typeof executions.$inferSelect;
export type StepRow = typeof steps.$inferSelect;
export type TaskRow = typeof tasks.$inferSelect;
export type ApprovalRow = typeof approvals.$inferSelect;
export type VoteRow = typeof votes.$inferSelect;
export type TrailRow = typeof trail.$inferSelect;
