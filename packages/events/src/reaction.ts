/** What a module declares about events of others, and how its host runs it. */
import type { TenantDb } from "@tessera/database";
import type { EventContract, EventEnvelope } from "@tessera/shared-types";
import { z } from "zod";

export interface ReactionOptions {
  /** Attempts before the event becomes a dead letter; default is the installation's (8). */
  readonly attempts?: number;
  /** Milliseconds after which one attempt is given up; default 60,000. */
  readonly timeoutMs?: number;
}

/** `Context` is whatever the host gives to handlers; this package never looks inside. */
export interface Reaction<Context = unknown, Payload = unknown> {
  readonly contract: EventContract<Payload>;
  readonly options: ReactionOptions;
  handle(context: Context, payload: Payload, event: EventEnvelope<Payload>): Promise<void>;
}

/** Declares what a module does when `contract` happened. A module has at most one reaction per type and version. */
export function react<Payload, Context = unknown>(
  contract: EventContract<Payload>,
  handle: (context: Context, payload: Payload, event: EventEnvelope<Payload>) => Promise<void>,
  options: ReactionOptions = {},
): Reaction<Context, Payload> {
  return { contract, options, handle };
}

/** Any type and version, its payload as it came: what `reactToAll` reacts to, and `live` listens to when it is to hear all. */
export const anyEvent: EventContract = { type: "*", version: 0, payload: z.unknown() };

/**
 * Declares what a module does with every event of every type and version, its own included. A module may have one such
 * reaction beside its others; both run in one transaction, this one first.
 */
export function reactToAll<Context = unknown>(
  handle: (context: Context, event: EventEnvelope) => Promise<void>,
  options: ReactionOptions = {},
): Reaction<Context> {
  return { contract: anyEvent, options, handle: (context, _, event) => handle(context, event) };
}

/** One attempt at one reaction, handed to the host. */
export interface ReactionAttempt<Context = unknown> {
  readonly module: string;
  readonly event: EventEnvelope;
  /** Aborted when the attempt took too long; pass it to the transaction. */
  readonly signal: AbortSignal;
  /** First statement of the transaction. False: do nothing and let the transaction end, the event is not to run now. */
  mark(db: TenantDb): Promise<boolean>;
  /** The module's handler with a validated payload. `context` must write through the same transaction as `mark`. */
  handle(context: Context): Promise<void>;
}

/**
 * Supplied by the host: opens ONE transaction for the event's tenant (`event.tenantId || null`), calls `mark`, and when
 * it says true calls `handle` with a context that joins the transaction, then flushes the outbox. Rejects when any of it
 * failed; the transaction is rolled back then.
 */
export type RunReaction<Context = unknown> = (attempt: ReactionAttempt<Context>) => Promise<void>;
