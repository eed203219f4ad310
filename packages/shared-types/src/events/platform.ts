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
