/**
 * What one group has of the stream: read up to a place, of which some is under way. A tenant with much under way is left
 * behind at its own place and read on from there when there is room again, so that those after it in the stream need
 * not wait for it.
 */
import type { EventEnvelope } from "@tessera/shared-types";
import type { HandleEvent } from "../bus.js";
import { InHand } from "../in-hand.js";

/** Under way at once, all tenants together. */
const capacity = 2000;
/** Kept free for tenants that have nothing under way. */
const reserve = 500;
/** Of one tenant. */
const share = 300;

export interface Row {
  readonly place: string;
  readonly event: EventEnvelope;
}

/** Which rows to read next: of one tenant that was left behind, or of all others. */
export interface Demand {
  readonly tenant: string | null;
  readonly after: number;
  readonly upTo: number;
  readonly limit: number;
}

export class StreamWindow {
  readonly #inHand: InHand<number>;
  readonly #openOf = new Map<string, number>();
  /** Tenants and the place up to which they have been read. */
  readonly #behind = new Map<string, number>();
  #readTo: number;
  /** The last look at the news did not come to their end. */
  #unread = false;

  constructor(from: number, handle: HandleEvent, settled: () => void) {
    this.#readTo = from;
    const counted: HandleEvent = (event) => handle(event).finally(() => this.#left(event.tenantId));
    this.#inHand = new InHand(counted, settled);
  }

  /** Everything up to here is handled. */
  get doneTo(): number {
    return Math.min(this.#readTo, ...this.#inHand.places.map((place) => place - 1), ...this.#behind.values());
  }

  get busy(): boolean {
    return this.#inHand.busy;
  }

  /** Something was given back: nothing more may be handed over, a new window has to begin at `doneTo`. */
  get failed(): boolean {
    return this.#inHand.failed;
  }

  /** There is more to be read, and room for it. */
  get hungry(): boolean {
    return (this.#unread && this.#inHand.size <= capacity - reserve) || this.backlog() !== null;
  }

  get behind(): string[] {
    return [...this.#behind.keys()];
  }

  /** Rows of those not left behind, while there is room for them. */
  news(): Demand | null {
    const limit = Math.min(reserve, capacity - this.#inHand.size);
    return limit >= reserve / 2 ? { tenant: null, after: this.#readTo, upTo: Number.MAX_SAFE_INTEGER, limit } : null;
  }

  /** The tenant that waits longest of those with little under way. */
  backlog(): Demand | null {
    if (this.#inHand.size > capacity - reserve) return null;
    for (const [tenant, after] of this.#behind) {
      const room = share - (this.#openOf.get(tenant) ?? 0);
      if (room >= share / 2) return { tenant, after, upTo: this.#readTo, limit: room };
    }
    return null;
  }

  /** `head`: where the stream ended before the rows were read. */
  take({ tenant, limit, upTo }: Demand, rows: readonly Row[], head: number): void {
    const last = rows.length < limit ? Math.min(head, upTo) : 0;
    for (const { place, event } of rows) this.#accept(Number(place), event, tenant);
    const readTo = Math.max(last, Number(rows.at(-1)?.place ?? 0));
    if (tenant === null) {
      this.#readTo = Math.max(this.#readTo, readTo);
      this.#unread = rows.length === limit;
    } else {
      // To the end of those who wait, or out when it has caught up.
      this.#behind.delete(tenant);
      if (rows.length === limit) this.#behind.set(tenant, readTo);
    }
  }

  #accept(place: number, event: EventEnvelope, from: string | null): void {
    const { tenantId } = event;
    const open = this.#openOf.get(tenantId) ?? 0;
    if (from === null && this.#behind.has(tenantId)) return;
    if (from === null && open >= share) {
      this.#behind.set(tenantId, place - 1);
      return;
    }
    this.#openOf.set(tenantId, open + 1);
    this.#inHand.handOver(place, event);
  }

  #left(tenantId: string): void {
    const open = (this.#openOf.get(tenantId) ?? 1) - 1;
    if (open === 0) this.#openOf.delete(tenantId);
    else this.#openOf.set(tenantId, open);
  }
}
