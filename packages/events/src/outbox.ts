/** Buffers what a transaction publishes and writes it as the transaction's last statements. */
import { createHash } from "node:crypto";
import { newId, type TenantDb } from "@tessera/database";
import type { EventContract, EventEnvelope } from "@tessera/shared-types";
import { sql } from "drizzle-orm";
import { EventsError } from "./errors.js";
import type { Origin, Outbox, Publication } from "./events.js";
import { laneOf } from "./lanes.js";

export function createOutbox(origin: Origin, events: EventEnvelope[] = []): Outbox {
  return {
    publish(contract, publication) {
      events.push(envelope(origin, contract, publication));
    },
    as: (other) => createOutbox({ ...origin, ...other }, events),
    flush: (db) => write(db, events.splice(0)),
  };
}

/** `EVENT_INVALID` when the payload does not match the contract. What travels is the payload as the contract parsed it. */
export function envelope<Payload>(
  origin: Origin,
  contract: EventContract<Payload>,
  publication: Publication<Payload>,
): EventEnvelope<Payload> {
  return {
    id: newId(),
    type: contract.type,
    version: contract.version,
    tenantId: origin.tenantId ?? "",
    aggregateId: publication.aggregateId,
    source: origin.module,
    occurredAt: new Date().toISOString(),
    actorId: origin.actorId,
    correlationId: origin.correlationId,
    causationId: origin.causationId,
    ...(origin.depth ? { depth: origin.depth } : {}),
    payload: parsePayload(contract, publication.payload),
  };
}

export function parsePayload<Payload>(contract: EventContract<Payload>, payload: unknown): Payload {
  const result = contract.payload.safeParse(payload);
  if (result.success) return result.data;
  const problem = result.error.issues
    .map(({ path, message }) => `${path.join(".") || "payload"}: ${message}`)
    .join("; ");
  throw new EventsError("EVENT_INVALID", { type: contract.type, version: contract.version, problem });
}

/**
 * The locks come first and last until the commit is visible, so a later sequence number of one aggregate never commits
 * before an earlier one. They are taken in one order by everybody and after all other locks, so they cannot deadlock.
 */
function write(db: TenantDb, events: readonly EventEnvelope[]): Promise<unknown> {
  if (events.length === 0) return Promise.resolve();
  const locks = JSON.stringify(lockKeys(events));
  const rows = JSON.stringify(events);
  return Promise.all([
    db.execute(sql`select pg_advisory_xact_lock(key::bigint) from json_array_elements_text(${locks}::text::json) key`),
    db.execute(sql`
      with written as (
        insert into kernel.outbox (event) select event from json_array_elements(${rows}::text::json) event
      )
      select pg_notify('tessera_outbox', '')`),
  ]);
}

function lockKeys(events: readonly EventEnvelope[]): string[] {
  const keys = new Set(events.map((event) => lockKey(laneOf(event))));
  return [...keys].sort((a, b) => (a < b ? -1 : 1)).map(String);
}

const lockKey = (lane: string): bigint =>
  createHash("sha256").update(`tessera.outbox:${lane}`).digest().readBigInt64BE();
