/**
 * Reads new entries for live listeners, once per process, and nothing while nobody listens. It remembers its place in
 * every partition, so a lost connection or notification delays events and loses none.
 */
import type { EventEnvelope } from "@tessera/shared-types";
import type { Subscription } from "../bus.js";
import { type Listener, Listeners } from "../listeners.js";
import type { RedisClient } from "./client.js";
import { compareIds, everyPartition, type Keys } from "./keys.js";
import { eventOf, lastId, readAfter } from "./stream-commands.js";

const batch = 500;

export class RedisLiveReader {
  readonly #listeners = new Listeners();
  readonly #places: string[] = [];
  readonly #reading = new Map<number, Promise<void>>();
  readonly #again = new Set<number>();
  #stopped = false;

  constructor(
    readonly client: RedisClient,
    readonly keys: Keys,
  ) {}

  /** From the end of every partition. */
  async start(): Promise<void> {
    const places = await Promise.all(
      everyPartition.map((partition) => lastId(this.client, this.keys.stream(partition))),
    );
    this.#places.push(...places);
  }

  listen(listener: Listener): Subscription {
    return this.#listeners.add(listener);
  }

  pass(event: EventEnvelope): void {
    this.#listeners.pass(event);
  }

  /** The partition has entries up to `id`, as far as is known. Without a listener they are passed over unread. */
  arrived(partition: number, id: string | null): void {
    if (this.#listeners.size === 0) this.#moveTo(partition, id ?? "0-0");
    else if (id === null || compareIds(id, this.#places[partition] ?? "0-0") > 0) this.#read(partition);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#listeners.clear();
    await Promise.all(this.#reading.values());
  }

  /** Failures are left to the next call: there is a poll behind every notification. */
  #read(partition: number): void {
    this.#again.add(partition);
    if (this.#reading.has(partition)) return;
    const reading = this.#drain(partition)
      .catch(() => {})
      .finally(() => this.#reading.delete(partition));
    this.#reading.set(partition, reading);
  }

  async #drain(partition: number): Promise<void> {
    while (this.#again.delete(partition) && !this.#stopped) {
      const place = this.#places[partition];
      if (place === undefined) return;
      const entries = await readAfter(this.client, this.keys.stream(partition), place, batch);
      for (const entry of entries) {
        const event = this.#listeners.size > 0 ? eventOf(entry) : null;
        if (event) this.pass(event);
        this.#moveTo(partition, entry.id);
      }
      if (entries.length === batch) this.#again.add(partition);
    }
  }

  /** Never back: nothing is to be heard twice. */
  #moveTo(partition: number, id: string): void {
    if (compareIds(id, this.#places[partition] ?? "0-0") > 0) this.#places[partition] = id;
  }
}
