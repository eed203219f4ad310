/**
 * The seam between events and whatever carries them. Everything above it (outbox, relay, reactions, live) knows a bus
 * only through this interface; `postgres/` and `redis/` are two drivers behind it.
 */
import type { EventEnvelope } from "@tessera/shared-types";
import type postgres from "postgres";

export interface Subscription {
  /** Resolves when nothing of it runs any more. Safe to call twice. */
  close(): Promise<void>;
}

export type HandleEvent = (event: EventEnvelope) => Promise<void>;

export interface Bus {
  /** In order, at least once. Called by the active relay only; nothing may be called done before this resolves. */
  append(events: readonly EventEnvelope[]): Promise<void>;
  /**
   * Only for a bus that lives in the database of the outbox: moves up to `limit` committed outbox rows in one statement
   * instead of `append`, provided that `sql` still is the connection with that backend process. Returns how many.
   */
  readonly moveOutbox?: (sql: postgres.Sql, backendPid: number, limit: number) => Promise<number>;
  /**
   * Durable, competing consumers of a group. Events of one tenant and aggregate arrive one after the other in order,
   * others in parallel. An event counts as handled when `handle` resolves; if it rejects it is delivered again.
   * A group that is new starts with the oldest event the bus still holds.
   */
  consume(group: string, types: readonly string[], handle: HandleEvent): Subscription;
  /** Every event of every type from now on, in each process that asks; no acknowledgement. Announced ones included. */
  tail(listener: (event: EventEnvelope) => void): Subscription;
  /** To every `tail` of every process, never stored. */
  announce(event: EventEnvelope): Promise<void>;
  /** True when the groups of this process have handled everything the bus holds for them. */
  settled(): Promise<boolean>;
  /** Removes events older than `olderThanMs` that every group has passed. Returns how many. */
  trim(olderThanMs: number): Promise<number>;
  health(): Promise<{ ok: boolean; detail: string }>;
  close(): Promise<void>;
}
