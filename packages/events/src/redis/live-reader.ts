/**
 * Reads each new entry once per process: for live listeners, and to wake the groups it concerns. It remembers its place
 * in every partition, so a lost connection or notification delays events and loses none.
 */
import type { EventEnvelope } from "@tessera/shared-types";
import type { Subscription } from "../bus.js";
import { type Listener, Listeners } from "../listeners.js";
import type { RedisClient } from "./client.js";
import { type Keys, partitions } from "./keys.js";
import { lastId, readAfter } from "./stream-commands.js";

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
    readonly arrived: (partition: number, types: ReadonlySet<string>) => void,
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

  /** Failures are left to the next call: there is a poll behind every notification. */
  read(partition: number): Promise<void> {
    this.#again.add(partition);
    const running = this.#reading.get(partition);
    if (running) return running;
    const reading = this.#drain(partition)
      .catch(() => {})
      .finally(() => this.#reading.delete(partition));
    this.#reading.set(partition, reading);
    return reading;
  }

  async readAll(): Promise<void> {
    await Promise.all(everyPartition.map((partition) => this.read(partition)));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#listeners.clear();
    await Promise.all(this.#reading.values());
  }

  async #drain(partition: number): Promise<void> {
    while (this.#again.delete(partition) && !this.#stopped) {
      const place = this.#places[partition];
      if (place === undefined) return;
      const entries = await readAfter(this.client, this.keys.stream(partition), place, batch);
      for (const { id, text } of entries) {
        if (this.#listeners.size > 0) this.pass(JSON.parse(text) as EventEnvelope);
        this.#places[partition] = id;
      }
      if (entries.length > 0) this.arrived(partition, new Set(entries.map(({ type }) => type)));
      if (entries.length === batch) this.#again.add(partition);
    }
  }
}

export const everyPartition: readonly number[] = Array.from({ length: partitions }, (_, partition) => partition);
