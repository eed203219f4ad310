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

export interface Group {
  readonly group: string;
  readonly types: readonly string[];
}

export interface GroupLag {
  readonly group: string;
  /** Events from the oldest that is not handled to the end, counted up to 100,000. Of all types where a bus cannot tell. */
  readonly lag: number;
  /** When the oldest of them came to the bus. */
  readonly oldestAt: Date | null;
}

/** Whether a group that consumes `types` gets events of this type. */
export const wants = (types: ReadonlySet<string>, type: string): boolean => types.has("*") || types.has(type);

export interface Bus {
  /** In order, at least once. Called by the active relay only; nothing may be called done before this resolves. */
  append(events: readonly EventEnvelope[]): Promise<void>;
  /**
   * Only for a bus that lives in the database of the outbox: moves up to `limit` committed outbox rows in one statement
   * instead of `append`, provided that `sql` still is the connection with that backend process. Returns how many.
   */
  readonly moveOutbox?: (sql: postgres.Sql, backendPid: number, limit: number) => Promise<number>;
  /**
   * Durable, competing consumers of a group; the type `*` stands for every type. Events of one tenant and aggregate are
   * handed over in order by one process at a time. The next may be handed over before the one before it is handled:
   * whoever consumes keeps their order; a driver only bounds how many are under way. An event counts as handled when
   * `handle` resolves. If it rejects, the driver waits for all it has handed over and then starts again with the first
   * that is not handled. A group that is new starts with the oldest event the bus still holds.
   */
  consume(group: string, types: readonly string[], handle: HandleEvent): Subscription;
  /** How far each of these groups is behind, in whichever process it runs. */
  lag(groups: readonly Group[]): Promise<GroupLag[]>;
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
