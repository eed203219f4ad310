/** What waits for people: tasks and approvals, and what was done with them. */
import { moduleSchema } from "@tessera/database";
import { boolean, index, integer, jsonb, text, unique, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { id, moment } from "../columns.js";
import { executions } from "./executions.js";

const { tenantTable } = moduleSchema("workflow");

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

export type TaskRow = typeof tasks.$inferSelect;
export type ApprovalRow = typeof approvals.$inferSelect;
export type VoteRow = typeof votes.$inferSelect;
export type TrailRow = typeof trail.$inferSelect;
