/** Sees to it that a partition is worked on for one group, by this process or another: by whoever gets the lease. */
import { setTimeout as sleep } from "node:timers/promises";
import type { HandleEvent } from "../bus.js";
import { WakeUp } from "../wake-up.js";
import type { RedisClient } from "./client.js";
import type { Keys } from "./keys.js";
import { Lease } from "./lease.js";
import { findPlace } from "./place.js";
import { Reading } from "./reading.js";
import { createGroup } from "./stream-commands.js";

const retryMs = 500;

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
  #dirty = false;
  #closed = false;
  #running: Promise<void> | null = null;

  constructor(group: GroupFacts, partition: number) {
    this.#group = group;
    this.#stream = group.keys.stream(partition);
    this.#leaseKey = group.keys.lease(partition, group.name);
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
        if (await this.#underLease()) continue;
      } catch (error) {
        await this.#recover(error);
      }
      this.#dirty = true;
      if (!this.#closed) await sleep(retryMs);
    }
  }

  /**
   * False when it has to be done again. When another process holds the lease there is nothing to do: it was told about
   * the same arrivals.
   */
  async #underLease(): Promise<boolean> {
    const { client, name, process, types, handle } = this.#group;
    const lease = await Lease.take(client, this.#leaseKey, process);
    if (!lease) return true;
    try {
      const place = await findPlace(client, this.#stream, name);
      const reading = new Reading(
        { stream: this.#stream, group: name, types, handle, lease, pulse: this.#pulse },
        place,
      );
      return await reading.run(() => this.#closed);
    } finally {
      await lease.release();
    }
  }

  async #recover(error: unknown): Promise<void> {
    if (!/NOGROUP|no such key/.test(String(error))) return;
    await createGroup(this.#group.client, this.#stream, this.#group.name).catch(() => {});
  }
}
