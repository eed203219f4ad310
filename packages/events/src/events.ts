/** The door of the package: outbox, relay, reactions, live and operations over one database and one bus. */
import type { Database, TenantDb } from "@tessera/database";
import type { EventContract, EventEnvelope } from "@tessera/shared-types";
import type { Bus, Subscription } from "./bus.js";
import type { Operations, OperatorScope } from "./operations.js";
import type { Reaction, RunReactions } from "./reaction.js";

/** Who publishes, for whom and why. */
export interface Origin {
  readonly module: string;
  /** `null` only for work outside of every tenant; such an event travels with `tenantId: ""`. */
  readonly tenantId: string | null;
  readonly actorId: string | null;
  readonly correlationId: string;
  readonly causationId: string | null;
  /** How many automatic steps led here; 0 or absent for what a person does. */
  readonly depth?: number;
}

export interface Publication<Payload> {
  readonly aggregateId: string;
  readonly payload: Payload;
}

/** Buffered publisher of one transaction. */
export interface Outbox {
  /** Validates at once (`EVENT_INVALID`), writes at `flush`. */
  publish<Payload>(contract: EventContract<Payload>, publication: Publication<Payload>): void;
  /** For another cause in the same transaction: what either publishes, `flush` of either writes. */
  as(origin: Partial<Origin>): Outbox;
  /**
   * Last thing before commit, once. Does nothing when nothing was published; throws at once what cannot be written. The
   * commit need not wait: it travels in the same round trip and fails when this does.
   */
  flush(db: TenantDb): Promise<unknown>;
}

export interface LiveOptions<Payload> {
  readonly tenantId: string;
  /** Ends the iterator. */
  readonly signal: AbortSignal;
  readonly where?: (event: EventEnvelope<Payload>) => boolean;
}

/** Each number is counted up to 10,000; that much means "at least". */
export interface EventsStats {
  /** Committed, not yet on the bus. */
  readonly outbox: number;
  /** Will be tried again, or wait behind one that will. */
  readonly parked: number;
  readonly deadLetters: number;
}

export interface Events {
  outbox(origin: Origin): Outbox;
  /** One relay per database is active, the others stand by and take over. */
  startRelay(): Subscription;
  startReactions<Context>(
    module: string,
    reactions: readonly Reaction<Context>[],
    run: RunReactions<Context>,
  ): Subscription;
  /** From the moment of the call. Throws `LIVE_CONSUMER_TOO_SLOW` from `next()` when its buffer overflows. */
  live<Payload>(
    contract: EventContract<Payload>,
    options: LiveOptions<Payload>,
  ): AsyncIterableIterator<EventEnvelope<Payload>>;
  /** Straight to live subscribers: not stored, outside of any transaction. `ANNOUNCE_TOO_LARGE` */
  announce<Payload>(origin: Origin, contract: EventContract<Payload>, publication: Publication<Payload>): Promise<void>;
  /** For operators: of one tenant, or of the installation. */
  operations(scope: OperatorScope): Operations;
  /** What waits in the database of all processes, at this moment. Cheap enough to be asked at every scrape. */
  stats(): Promise<EventsStats>;
  /** For tests: the outbox is empty and the reactions of this process have handled all that is due. */
  idle(): Promise<void>;
  /** Ends relay, reactions and live iterators of this instance; the bus stays open. */
  close(): Promise<void>;
}

export interface Log {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export interface RetryPolicy {
  /** Attempts before an event becomes a dead letter. Default 8. */
  readonly attempts: number;
  /** Full jitter: attempt n waits between 0 and min(capMs, baseMs * 2^(n-1)). Default 1,000. */
  readonly baseMs: number;
  /** Default 300,000. */
  readonly capMs: number;
}

export interface EventsOptions {
  readonly database: Database;
  readonly bus: Bus;
  readonly log?: Log;
  readonly retry?: Partial<RetryPolicy>;
  /** Events a live subscriber may lag behind. Default 1,000. */
  readonly liveBuffer?: number;
  /** How long the relay keeps events that everybody has handled. Default seven days. */
  readonly retentionMs?: number;
}
