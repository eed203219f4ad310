/** Events of the platform suite. */
import { z } from "zod";
import { defineEvent } from "./define.js";

const id = z.string();
const decimal = z.string().regex(/^-?\d+(\.\d+)?$/);

export const organizationUpdated = defineEvent(
  "identity.organization.updated",
  1,
  z.object({ organizationId: id, changed: z.array(z.string()) }),
);

export const memberChanged = defineEvent(
  "identity.member.changed",
  1,
  z.object({
    organizationId: id,
    userId: id,
    change: z.enum(["invited", "joined", "roles_changed", "removed", "erased"]),
    roles: z.array(z.string()),
  }),
);

export const loginSucceeded = defineEvent(
  "security.login.success",
  1,
  z.object({ userId: id, sessionId: id, clientAddress: z.string().nullable() }),
);

export const loginFailed = defineEvent(
  "security.login.failure",
  1,
  z.object({ userId: id, reason: z.string(), attempts: z.number().int(), clientAddress: z.string().nullable() }),
);

const subscriptionState = z.object({
  subscriptionId: id,
  organizationId: id,
  tier: z.enum(["FREE", "PRO", "ENTERPRISE"]),
  status: z.enum(["trialing", "active", "past_due", "cancelled"]),
});
export const subscriptionCreated = defineEvent("billing.subscription.created", 1, subscriptionState);
export const subscriptionUpdated = defineEvent("billing.subscription.updated", 1, subscriptionState);

/** Announced only, to whoever keeps copies of a module's data: the source has reacted to an event of this type. */
export const reactionDone = defineEvent("platform.reaction.done", 1, z.object({ eventType: z.string() }));

/** Announced only: a durable process of the source has another state, or (`step`) one of its steps has. */
export const processChanged = defineEvent(
  "platform.process.changed",
  1,
  z.object({
    processId: id,
    module: z.string(),
    name: z.string(),
    version: z.number().int(),
    state: z.string(),
    step: z.object({ name: z.string(), status: z.string() }).nullable(),
  }),
);

/** Announced only: a stream holds other events than before, admits others, or is gone. */
export const eventStreamChanged = defineEvent("events.stream.changed", 1, z.object({ streamId: id }));

/** Announced only. */
export const replayProgressed = defineEvent("events.replay.progressed", 1, z.object({ replayId: id }));

/** Announced only. */
export const eventImportProgressed = defineEvent("events.import.progressed", 1, z.object({ importId: id }));

export const dashboardCreated = defineEvent(
  "analytics.dashboard.created",
  1,
  z.object({ dashboardId: id, name: z.string() }),
);

export const dashboardChanged = defineEvent(
  "analytics.dashboard.changed",
  1,
  z.object({ dashboardIds: z.array(id), metricKeys: z.array(z.string()), reason: z.string() }),
);

export const queryExecuted = defineEvent(
  "analytics.query.executed",
  1,
  z.object({ metricKeys: z.array(z.string()), points: z.number().int(), milliseconds: z.number() }),
);

export const reportGenerated = defineEvent(
  "analytics.report.generated",
  1,
  z.object({ reportId: id, dashboardId: id, format: z.enum(["CSV", "XLSX", "PDF"]), bytes: z.number().int() }),
);

export const thresholdExceeded = defineEvent(
  "analytics.threshold.exceeded",
  1,
  z.object({
    thresholdId: id,
    metricKey: z.string(),
    value: decimal,
    limit: decimal,
    direction: z.enum(["above", "below"]),
    at: z.string(),
  }),
);

/** A trigger started an execution. */
export const workflowTriggered = defineEvent(
  "workflow.triggered",
  1,
  z.object({ executionId: id, definitionId: id, triggerId: id, trigger: z.enum(["EVENT", "SCHEDULE", "WEBHOOK"]) }),
);

export const workflowExecutionStarted = defineEvent(
  "workflow.execution.started",
  1,
  z.object({ executionId: id, definitionId: id, definitionKey: z.string(), version: z.number().int() }),
);

/** The execution has come to an end, a good one or not. */
export const workflowExecutionCompleted = defineEvent(
  "workflow.execution.completed",
  1,
  z.object({
    executionId: id,
    definitionId: id,
    definitionKey: z.string(),
    version: z.number().int(),
    state: z.enum(["COMPLETED", "FAILED", "UNDONE", "STUCK", "CANCELLED"]),
    seconds: z.number(),
    late: z.boolean(),
  }),
);

export const workflowStepCompleted = defineEvent(
  "workflow.step.completed",
  1,
  z.object({
    executionId: id,
    stepId: z.string(),
    path: z.string(),
    type: z.string(),
    state: z.enum(["COMPLETED", "FAILED", "SKIPPED", "CANCELLED"]),
    seconds: z.number(),
  }),
);

/** Announced only, to whoever watches an execution. */
export const workflowExecutionChanged = defineEvent("workflow.execution.changed", 1, z.object({ executionId: id }));

const asked = {
  executionId: id.nullable(),
  title: z.string(),
  /** Who is asked: these people, and anybody of these roles. */
  people: z.array(id),
  roles: z.array(z.string()),
  dueAt: z.string().nullable(),
};
export const workflowTaskChanged = defineEvent(
  "workflow.task.changed",
  1,
  z.object({
    ...asked,
    taskId: id,
    change: z.enum([
      "CREATED",
      "CLAIMED",
      "RELEASED",
      "DELEGATED",
      "COMPLETED",
      "COMMENTED",
      "WARNED",
      "ESCALATED",
      "CANCELLED",
    ]),
  }),
);

export const workflowApprovalRequested = defineEvent(
  "workflow.approval.requested",
  1,
  z.object({
    ...asked,
    approvalId: id,
    /** Why these people are asked now. */
    change: z.enum(["CREATED", "DELEGATED", "WARNED", "ESCALATED"]),
  }),
);

/** What was asked of people was not done when it was due. Said once, with or without a role to take it over. */
export const workflowSlaBreached = defineEvent(
  "workflow.sla.breached",
  1,
  z.object({
    ...asked,
    dueAt: z.string(),
    subject: z.enum(["TASK", "APPROVAL"]),
    subjectId: id,
    /** The role that may take it over from now on; null when none was named. */
    escalatedTo: z.string().nullable(),
  }),
);

/** Enough of those who were asked have approved. */
export const approvalGranted = defineEvent(
  "approval.granted",
  1,
  z.object({ approvalId: id, executionId: id.nullable(), title: z.string(), decidedBy: z.array(id) }),
);
