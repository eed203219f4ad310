/** What operators see of delivery and may do about it: consumers, dead letters, repeating events of the past. */
import type { EventEnvelope } from "@tessera/shared-types";

/** Whose events an operator works on, and who that is. */
export interface OperatorScope {
  /** `null` is the whole installation. */
  readonly tenantId: string | null;
  readonly actorId: string | null;
}

export interface ConsumerState {
  readonly module: string;
  /** `*` stands for every type. */
  readonly types: readonly string[];
  /** Events on the bus it has not handled, of all tenants. Up to 100,000. */
  readonly lag: number;
  /** When the oldest event that waits for it, on the bus or for another attempt, came there. */
  readonly oldestWaitingAt: Date | null;
  /** Of all tenants, over the last ten seconds. */
  readonly handledPerSecond: number;
  /** Of the scope: events that will be tried again or wait behind such an event. */
  readonly parked: number;
  /** Of the scope. */
  readonly deadLetters: number;
}

export interface DeadLetter {
  readonly id: string;
  readonly module: string;
  readonly state: "waiting" | "dead" | "discarded";
  readonly attempts: number;
  readonly lastError: string | null;
  readonly lastStack: string | null;
  readonly parkedAt: Date;
  /** When the next attempt is due; for a dead letter when it was given up. */
  readonly nextAttemptAt: Date;
  readonly discarded: { readonly at: Date; readonly by: string | null; readonly reason: string } | null;
  readonly event: EventEnvelope;
}

export interface DeadLetterFilter {
  readonly module?: string;
  readonly type?: string;
  /** Default "dead". "waiting" are events that will be tried again or wait behind such an event. */
  readonly state?: DeadLetter["state"];
  /** Id of the last letter of the page before. */
  readonly after?: string;
  /** Default 100. */
  readonly limit?: number;
}

export interface DeadLetters {
  /** Oldest first. */
  list(filter?: DeadLetterFilter): Promise<DeadLetter[]>;
  /** In whatever state. `DEAD_LETTER_NOT_FOUND` */
  get(id: string): Promise<DeadLetter>;
  /**
   * Tries again with a fresh count of attempts, with another payload if one is given; that is checked against the
   * contract where this process knows it. `DEAD_LETTER_NOT_FOUND`, `EVENT_INVALID`
   */
  retry(id: string, changes?: { readonly payload?: unknown }): Promise<void>;
  /** Gives it up for good; a redelivery will not run it either. Kept as a record. `DEAD_LETTER_NOT_FOUND` */
  discard(id: string, facts: { readonly reason: string }): Promise<void>;
}

/** What became of one event in one consumer that has to do with it. */
export interface DeliveryState {
  readonly eventId: string;
  readonly consumer: string;
  readonly state: "handled" | "waiting" | "dead" | "discarded";
  /** Failed ones. */
  readonly attempts: number;
  readonly lastError: string | null;
  /** When it was handled or discarded. */
  readonly handledAt: Date | null;
}

export interface Replay {
  /** A UUID. The same events under the same id have their effect once more, and not twice. */
  readonly id: string;
  /** A module, or `null` for every one that reacts to the type. */
  readonly consumer: string | null;
}

/** All of it confined to the tenant of its scope. */
export interface Operations {
  consumers(): Promise<ConsumerState[]>;
  /** By event and consumer. A consumer that has not come to an event yet is left out. Ask for ids of the scope's own events. */
  deliveries(eventIds: readonly string[]): Promise<DeliveryState[]>;
  readonly deadLetters: DeadLetters;
  /**
   * Repeats events of the past for one consumer or all, in this order. Resolves when the bus has taken them and the
   * consumer is not far behind, so calling it page by page floods nobody. Page by about 500. `EVENT_OF_OTHER_TENANT`
   */
  resend(events: readonly EventEnvelope[], replay: Replay): Promise<void>;
}
