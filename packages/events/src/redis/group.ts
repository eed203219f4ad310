/** One consumer group of the Redis bus in this process: a worker per partition. */
import { type HandleEvent, wants } from "../bus.js";
import type { RedisClient } from "./client.js";
import { type Keys, partitions } from "./keys.js";
import { PartitionWorker } from "./partition-worker.js";

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

  /** Something of these types came into a partition; with `null` of any type. */
  arrived(partition: number, types: readonly string[] | null): void {
    if (!types || types.some((type) => wants(this.#types, type))) this.wake(partition);
  }

  wake(partition: number): void {
    if (!this.#closed) this.#workers[partition]?.wake();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#workers.map((worker) => worker.close()));
  }
}
