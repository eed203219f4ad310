/**
 * One consumer group of the Redis bus in this process. A partition is worked on under a lease, so that only one process
 * does, and order holds; the lease is given back when the partition is drained.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { EventEnvelope } from "@tessera/shared-types";
import { type HandleEvent, wants } from "../bus.js";
import { inLanes, laneOf } from "../lanes.js";
import type { RedisClient } from "./client.js";
import { type Keys, partitions } from "./keys.js";
import { Lease } from "./lease.js";
import { claimPending, createGroup, type Entry, readNew } from "./stream-commands.js";

const batch = 200;
const parallelLanes = 16;
const retryMs = 500;

export class RedisGroup {
  readonly #types: ReadonlySet<string>;
  readonly #workers: PartitionWorker[];
  #closed = false;

  constructor(
    readonly name: string,
    types: readonly string[],
    handle: HandleEvent,
    client: RedisClient,
    keys: Keys,
    process: string,
  ) {
    this.#types = new Set(types);
    const facts = { name, client, keys, process, handle, types: this.#types };
    this.#workers = Array.from({ length: partitions }, (_, partition) => new PartitionWorker(facts, partition));
  }

  /** Something of these types came into a partition. */
  arrived(partition: number, types: ReadonlySet<string>): void {
    if ([...types].some((type) => wants(this.#types, type))) this.wake(partition);
  }

  wake(partition: number): void {
    if (!this.#closed) this.#workers[partition]?.wake();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#workers.map((worker) => worker.close()));
  }
}

interface GroupFacts {
  readonly name: string;
  readonly client: RedisClient;
  readonly keys: Keys;
  /** Name of this process as consumer and lease holder. */
  readonly process: string;
  readonly handle: HandleEvent;
  readonly types: ReadonlySet<string>;
}

class PartitionWorker {
  readonly #group: GroupFacts;
  readonly #stream: string;
  readonly #leaseKey: string;
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
    this.#running ??= this.#work().finally(() => {
      this.#running = null;
      if (this.#dirty && !this.#closed) this.wake();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
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
    try {
      await this.#handlePending(lease);
      await this.#handleNew(lease);
    } finally {
      await lease.release();
    }
  }

  /** Under the lease nobody else works here, so whatever is pending belongs to a process that stopped or failed. */
  async #handlePending(lease: Lease): Promise<void> {
    const { client, name, process } = this.#group;
    let next = "0-0";
    do {
      const answer = await claimPending(client, this.#stream, name, process, next, batch);
      next = answer.next;
      await this.#handle(answer.claimed);
    } while (next !== "0-0" && lease.held && !this.#closed);
  }

  async #handleNew(lease: Lease): Promise<void> {
    const { client, name, process } = this.#group;
    while (lease.held && !this.#closed) {
      const entries = await readNew(client, this.#stream, name, process, batch);
      if (entries.length === 0) return;
      await this.#handle(entries);
    }
    this.#dirty = true;
  }

  /** Acknowledges what was handled even if something else failed; that stays pending and comes again. */
  async #handle(entries: readonly Entry[]): Promise<void> {
    const { client, name, types, handle } = this.#group;
    if (entries.length === 0) return;
    const done = entries.filter(({ type }) => !wants(types, type)).map(({ id }) => id);
    const wanted = entries
      .filter(({ type }) => wants(types, type))
      .map(({ id, text }) => ({ id, event: JSON.parse(text) as EventEnvelope }));
    try {
      await inLanes(
        wanted,
        ({ event }) => laneOf(event),
        parallelLanes,
        async ({ id, event }) => {
          await handle(event);
          done.push(id);
        },
      );
    } finally {
      if (done.length > 0) await client.xAck(this.#stream, name, done);
    }
  }

  async #recover(error: unknown): Promise<void> {
    const { client, name } = this.#group;
    this.#dirty = true;
    if (String(error).includes("NOGROUP")) await createGroup(client, this.#stream, name).catch(() => {});
    await sleep(retryMs);
  }
}
