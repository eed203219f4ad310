/**
 * Event contracts: what a module tells the others happened. A contract is a name, a major version and a payload schema;
 * a payload may gain optional fields within a version, everything else is a new version beside the old one.
 */
import type { z } from "zod";

export interface EventContract<Payload = unknown> {
  /** `<noun>.<what happened>`, such as `ghg.emissions.calculated`. */
  readonly type: string;
  readonly version: number;
  readonly payload: z.ZodType<Payload>;
}

/** One event as it travels on every bus and is stored. */
export interface EventEnvelope<Payload = unknown> {
  /** UUIDv7. The same event keeps its id however often it is delivered. */
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly tenantId: string;
  /** What the event is about. Events of one tenant and aggregate keep their order. */
  readonly aggregateId: string;
  /** The module that published it. */
  readonly source: string;
  /** ISO 8601, UTC. */
  readonly occurredAt: string;
  readonly actorId: string | null;
  /** The request that started the chain this event belongs to. */
  readonly correlationId: string;
  /** The event this one is a reaction to. */
  readonly causationId: string | null;
  /** How many automatic steps led here; absent for what a person does. What triggers itself is stopped by it. */
  readonly depth?: number;
  readonly payload: Payload;
  /**
   * This delivery repeats an event of the past: for one consumer, or with `null` for all. Others ignore it, live
   * subscribers never see it. Within one replay, named by `id` (a UUID), each event has its effect once.
   */
  readonly replay?: { readonly id: string; readonly consumer: string | null };
}

export function defineEvent<Payload>(
  type: string,
  version: number,
  payload: z.ZodType<Payload>,
): EventContract<Payload> {
  return { type, version, payload };
}
