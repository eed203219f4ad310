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
  /** Instead of `handle`, for events that follow each other in one turn. */
  together?(context: Context, events: readonly EventEnvelope<Payload>[]): Promise<void>;
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

/**
 * The same with all that is due at once, in order: for copies and sums of what happened, which one statement can write
 * for a hundred events. What it publishes names no cause.
 */
export function reactTogether<Payload, Context = unknown>(
  contract: EventContract<Payload>,
  together: (context: Context, events: readonly EventEnvelope<Payload>[]) => Promise<void>,
  options: ReactionOptions = {},
): Reaction<Context, Payload> {
  return {
    contract,
    options,
    together,
    handle: (context, payload, event) => together(context, [{ ...event, payload }]),
  };
}

/** One event of a turn, or several that are handled together; handed to the host. */
export interface ReactionAttempt<Context = unknown> {
  readonly events: readonly [EventEnvelope, ...EventEnvelope[]];
  /** The module's handlers with validated payloads. `context` must write through the transaction of the turn. */
  handle(context: Context): Promise<void>;
}

/** Events of one module and tenant that are handled in one transaction; often it is one. */
export interface ReactionTurn<Context = unknown> {
  readonly module: string;
  readonly tenantId: string | null;
  /** Aborted when the turn took too long; pass it to the transaction. */
  readonly signal: AbortSignal;
  /** First statement of the transaction. Resolves to what is to run now, in this order; it can be nothing. */
  mark(db: TenantDb): Promise<readonly ReactionAttempt<Context>[]>;
}

/**
 * Supplied by the host: opens ONE transaction for the turn's tenant, calls `mark`, then one after the other `handle` of
 * each attempt with a context of its own that joins the transaction, then flushes the outbox. Rejects when any of it
 * failed; the transaction is rolled back then.
 */
export type RunReactions<Context = unknown> = (turn: ReactionTurn<Context>) => Promise<void>;
