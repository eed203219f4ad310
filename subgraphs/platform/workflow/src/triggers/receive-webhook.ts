/** Signed calls of other systems. Anybody may knock; what is not signed is refused, and nobody learns what is there. */
import { createHash } from "node:crypto";
import type { Context } from "@tessera/subgraph";
import { errors } from "../errors.js";
import { triggersById, versionsById } from "../queries/definitions.js";
import { fireTrigger } from "./fire-trigger.js";
import { isSigned, type Signed } from "./webhook-secret.js";

export interface Webhook extends Signed {
  readonly organizationId: string;
  readonly triggerId: string;
}

export interface Receipt {
  /** False when its condition did not hold, or when it was received before. */
  readonly accepted: boolean;
  readonly executionId: string | null;
}

/** Bytes of a body. */
export const largestBody = 256 * 1024;
/** By how much the clock of who calls may differ. A call is worth nothing later, and taken once until then. */
const toleranceSeconds = 300;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** @throws WEBHOOK_TOO_LARGE, WEBHOOK_REFUSED, WEBHOOK_OFF */
export async function receiveWebhook(given: Context, webhook: Webhook): Promise<Receipt> {
  const { organizationId, triggerId, timestamp, body } = webhook;
  if (Buffer.byteLength(body) > largestBody) throw errors.WEBHOOK_TOO_LARGE({ limit: largestBody });
  if (!uuid.test(organizationId) || !uuid.test(triggerId)) throw errors.WEBHOOK_REFUSED();
  const ctx = given.as({ tenantId: organizationId });
  const [trigger = null] = await triggersById(ctx.db, [triggerId]);
  if (!isSigned(ctx, trigger, webhook) || !isRecent(timestamp, ctx.now()) || !trigger) throw errors.WEBHOOK_REFUSED();
  const [version] = trigger.versionId === null ? [] : await versionsById(ctx.db, [trigger.versionId]);
  if (!trigger.enabled || !version) throw errors.WEBHOOK_OFF();
  const event = { body: parsed(body), receivedAt: ctx.now().toISOString() };
  const key = createHash("sha256").update(`${timestamp}.${body}`).digest("hex");
  const firing = { event, idempotencyKey: `webhook:${triggerId}:${key}`, depth: 1 };
  const started = await fireTrigger(ctx, { trigger, version }, firing);
  return { accepted: started?.isNew ?? false, executionId: started?.execution.id ?? null };
}

function isRecent(timestamp: string, now: Date): boolean {
  const seconds = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) : Number.NaN;
  return Math.abs(now.getTime() / 1000 - seconds) <= toleranceSeconds;
}

/** JSON, or else the text. */
function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
