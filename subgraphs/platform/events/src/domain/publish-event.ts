/** Events of producers outside: only of registered types, and only as their schema says. */
import { type PayloadProblem, validate } from "@tessera/contracts";
import { defineEvent } from "@tessera/shared-types";
import type { Context, Transaction } from "@tessera/subgraph";
import { z } from "zod";
import { errors } from "../errors.js";
import { type EventTypeVersionRow, typesByName, versionsOfTypes } from "../queries/event-types.js";
import { takeKey } from "../queries/publications.js";
import { checkText, holdsNul } from "./text-checks.js";

export interface PublishInput {
  readonly type: string;
  readonly version?: number | null | undefined;
  readonly aggregateId: string;
  readonly payload: unknown;
  readonly idempotencyKey?: string | null | undefined;
}

export interface PublishedEvent {
  readonly type: string;
  readonly version: number;
  readonly correlationId: string;
  readonly repeated: boolean;
}

/** Every event is read many times, by every consumer. */
const largestPayload = 256_000;
const keysKeptMs = 7 * 86_400_000;

/**
 * @throws EVENT_TYPE_UNKNOWN, EVENT_TYPE_NOT_OWN, EVENT_VERSION_UNKNOWN, PAYLOAD_INVALID with each problem in its details,
 * PAYLOAD_TOO_LARGE, TEXT_INVALID
 */
export async function publishEvent(ctx: Context, input: PublishInput): Promise<PublishedEvent> {
  const aggregateId = checkText("aggregateId", input.aggregateId, 200);
  const key = input.idempotencyKey == null ? null : checkText("idempotencyKey", input.idempotencyKey, 200);
  refuseLarge(input.payload);
  return ctx.transaction(async (tx) => {
    const { version, schema } = await versionFor(tx, input);
    const { type } = input;
    checkPayload(type, version, schema, input.payload);
    const publication = { type, version, correlationId: ctx.request.requestId };
    const known = key === null ? null : await remember(ctx, tx, key, publication);
    if (known) return { ...known, repeated: true };
    tx.publish(defineEvent(type, version, z.unknown()), { aggregateId, payload: input.payload });
    return { ...publication, repeated: false };
  });
}

type Publication = Omit<PublishedEvent, "repeated">;

async function remember(
  ctx: Context,
  tx: Transaction,
  key: string,
  publication: Publication,
): Promise<Publication | null> {
  const publishedAt = ctx.now();
  const known = await takeKey(tx, { key, ...publication, publishedAt }, new Date(publishedAt.getTime() - keysKeptMs));
  return known && { type: known.type, version: known.version, correlationId: known.correlationId };
}

async function versionFor(tx: Transaction, { type: name, version }: PublishInput): Promise<EventTypeVersionRow> {
  const [type] = await typesByName(tx, [name]);
  if (!type) throw errors.EVENT_TYPE_UNKNOWN({ name });
  if (type.tenantId === null) throw errors.EVENT_TYPE_NOT_OWN({ name });
  const [versions = []] = await versionsOfTypes(tx, [type.id]);
  const found = version == null ? versions.at(-1) : versions.find((one) => one.version === version);
  if (!found) throw errors.EVENT_VERSION_UNKNOWN({ name, version });
  return found;
}

/** @throws PAYLOAD_INVALID */
export function checkPayload(
  name: string,
  version: number,
  schema: EventTypeVersionRow["schema"],
  payload: unknown,
): void {
  const reasons = payloadProblems(schema, payload);
  if (reasons.length === 0) return;
  const problems = reasons.map(({ pointer, message }) => `${pointer || "/"} ${message}`).join("; ");
  throw errors.PAYLOAD_INVALID({ name, version, problems: `${problems}.`, reasons });
}

/** Everything that keeps a payload from being one of this schema, or from being stored. */
export function payloadProblems(schema: EventTypeVersionRow["schema"], payload: unknown): readonly PayloadProblem[] {
  if (holdsNul(payload)) return [{ pointer: "", message: "holds the character U+0000, which cannot be stored" }];
  const verdict = validate(schema, payload);
  return verdict.valid ? [] : verdict.problems;
}

/** @throws PAYLOAD_TOO_LARGE */
export function refuseLarge(payload: unknown): void {
  const bytes = Buffer.byteLength(JSON.stringify(payload) ?? "");
  if (bytes > largestPayload) throw errors.PAYLOAD_TOO_LARGE({ bytes, most: largestPayload });
}
