/**
 * Works on one partition for one group, under a lease, so that only one process does and order holds. The lease is given
 * back when the partition is drained.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type HandleEvent, wants } from "../bus.js";
import { InHand } from "../in-hand.js";
import { WakeUp } from "../wake-up.js";
import type { RedisClient } from "./client.js";
import type { Keys } from "./keys.js";
import { Lease } from "./lease.js";
import { claimPending, createGroup, type Entry, eventOf, readNew } from "./stream-commands.js";

/** Events of one partition that may be under way at once. */
const window = 256;
const retryMs = 500;
const pollMs = 1000;
/** The lease says who works, so the group needs no consumer per process: those would pile up with every restart. */
const consumer = "worker";

export interface GroupFacts {
  readonly name: string;
  readonly client: RedisClient;
  readonly keys: Keys;
  /** Name of this process as lease holder. */
  readonly process: string;
  readonly handle: HandleEvent;
  readonly types: ReadonlySet<string>;
}

export class PartitionWorker {
  readonly #group: GroupFacts;
  readonly #stream: string;
  readonly #leaseKey: string;
  readonly #pulse = new WakeUp();
  readonly #inHand: InHand<string>;
  /** Handled, and Redis does not know yet. */
  readonly #done: string[] = [];
  #acknowledging: Promise<void> | null = null;
  #dirty = false;
  #closed = false;
  #running: Promise<void> | null = null;

  constructor(group: GroupFacts, partition: number) {
    this.#group = group;
    this.#stream = group.keys.stream(partition);
    this.#leaseKey = group.keys.lease(partition, group.name);
    this.#inHand = new InHand(group.handle, (id) => this.#settled(id));
  }

  wake(): void {
    this.#dirty = true;
    this.#pulse.call();
    this.#running ??= this.#work().finally(() => {
      this.#running = null;
      if (this.#dirty && !this.#closed) this.wake();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#pulse.call();
    await this.#running;
  }

  async #work(): Promise<void> {
    while (this.#dirty && !this.#closed) {
      this.#dirty = false;
      try {
        await this.#underLease();
      } catch (error) {
        await this.#recover(error);
      }
    }
  }

  /** When another process holds the lease there is nothing to do: it was told about the same arrivals. */
  async #underLease(): Promise<void> {
    const { client, process } = this.#group;
    const lease = await Lease.take(client, this.#leaseKey, process);
    if (!lease) return;
    let isDrained = false;
    try {
      await this.#takePending(lease);
      await this.#takeNew(lease);
    } finally {
      await this.#finish();
      // Asked before the release, after which nobody holds it.
      isDrained = this.#goesOn(lease);
      await lease.release();
    }
    if (isDrained) return;
    this.#inHand.clear();
    this.#dirty = true;
    if (!this.#closed) await sleep(retryMs);
  }

  /** Under the lease nobody else works here, so whatever is pending belongs to a process that stopped or failed. */
  async #takePending(lease: Lease): Promise<void> {
    const { client, name } = this.#group;
    for (let next = ""; next !== "0-0" && this.#goesOn(lease); ) {
      if (await this.#room()) {
        const answer = await claimPending(client, this.#stream, name, consumer, next || "0-0", window / 2);
        next = answer.next;
        this.#handOver(answer.claimed);
      }
    }
  }

  async #takeNew(lease: Lease): Promise<void> {
    const { client, name } = this.#group;
    while (this.#goesOn(lease)) {
      if (!(await this.#room())) continue;
      const entries = await readNew(client, this.#stream, name, consumer, window / 2);
      this.#handOver(entries);
      if (entries.length > 0) continue;
      if (!this.#inHand.busy) return;
      await this.#pulse.wait(pollMs);
    }
  }

  #goesOn(lease: Lease): boolean {
    return lease.held && !this.#closed && !this.#inHand.failed;
  }

  /** Waits a while when there is none. */
  async #room(): Promise<boolean> {
    if (this.#inHand.size > window / 2) await this.#pulse.wait(pollMs);
    return this.#inHand.size <= window / 2;
  }

  #handOver(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const event = wants(this.#group.types, entry.type) ? eventOf(entry) : null;
      if (event) this.#inHand.handOver(entry.id, event);
      else this.#acknowledge(entry.id);
    }
  }

  #settled(id: string | null): void {
    if (id !== null) this.#acknowledge(id);
    const { size, busy } = this.#inHand;
    if (size === window / 2 || !busy) this.#pulse.call();
  }

  /** Many in one command: those that are handled while the command before is on its way. What is lost comes again. */
  #acknowledge(id: string): void {
    this.#done.push(id);
    this.#acknowledging ??= this.#sendAcknowledgements().finally(() => {
      this.#acknowledging = null;
    });
  }

  async #sendAcknowledgements(): Promise<void> {
    const { client, name } = this.#group;
    await null;
    while (this.#done.length > 0) await client.xAck(this.#stream, name, this.#done.splice(0)).catch(() => {});
  }

  async #finish(): Promise<void> {
    while (this.#inHand.busy) await this.#pulse.wait(pollMs);
    await this.#acknowledging;
  }

  async #recover(error: unknown): Promise<void> {
    const { client, name } = this.#group;
    this.#inHand.clear();
    this.#dirty = true;
    if (String(error).includes("NOGROUP")) await createGroup(client, this.#stream, name).catch(() => {});
    await sleep(retryMs);
  }
}
