/** One line of an import: what is wrong with it, or the event it holds. */
import type { EventEnvelope } from "@tessera/shared-types";
import { z } from "zod";
import { isTypePattern } from "./event-filter.js";

const shortText = z.string().min(1).max(200);

const line = z.strictObject({
  id: z.uuid(),
  type: shortText.refine((type) => isTypePattern(type) && !type.endsWith("*"), "is not the name of a type"),
  version: z.int().min(1).max(10_000),
  tenantId: z.string().optional(),
  aggregateId: shortText,
  source: shortText,
  occurredAt: z.iso.datetime({ offset: true }),
  actorId: shortText.nullable().optional(),
  correlationId: shortText,
  causationId: shortText.nullable().optional(),
  depth: z.int().min(0).max(1_000_000).optional(),
  erasedAt: z.iso.datetime({ offset: true }).optional(),
  payload: z.unknown(),
});

export type ReadLine =
  | { readonly ok: true; readonly event: EventEnvelope }
  | { readonly ok: false; readonly reason: string };

const largestPayload = 256_000;

/** `tenantId` is whose import it is; a line that names another one is refused. */
export function readLine(text: string, tenantId: string): ReadLine {
  const parsed = parse(text);
  if (parsed === undefined) return { ok: false, reason: "it is not JSON" };
  const checked = line.safeParse(parsed);
  if (!checked.success) return { ok: false, reason: describe(checked.error) };
  const { erasedAt, actorId = null, causationId = null, tenantId: owner = tenantId, depth, ...event } = checked.data;
  if (owner !== tenantId) return { ok: false, reason: "it belongs to another organization" };
  if (erasedAt !== undefined) return { ok: false, reason: "its payload was erased" };
  if (!("payload" in (parsed as object))) return { ok: false, reason: "payload is missing" };
  if (Buffer.byteLength(JSON.stringify(event.payload)) > largestPayload)
    return { ok: false, reason: `its payload has more than ${largestPayload} bytes` };
  return { ok: true, event: { ...event, actorId, causationId, tenantId, ...(depth === undefined ? {} : { depth }) } };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function describe({ issues }: z.ZodError): string {
  const told = issues.slice(0, 3).map(({ path, message }) => `${path.join(".") || "the line"}: ${message}`);
  return told.join("; ");
}
