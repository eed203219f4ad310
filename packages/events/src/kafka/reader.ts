/**
 * Reads each new message once per process, for live listeners and for the groups that are up to date. It remembers its
 * place in every partition, so a lost connection delays events and loses none.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type Consumer, ListOffsetTimestamps } from "@platformatic/kafka";
import type { Subscription } from "../bus.js";
import { type Listener, Listeners } from "../listeners.js";
import { WakeUp } from "../wake-up.js";
import { cutOff } from "./clients.js";
import { byLeader, type Chunk, type Place, readFrom } from "./log.js";

/** A request stays with the broker for so long when there is nothing new. */
const waitMs = 1000;
const superviseMs = 1000;
const retryMs = 200;

export interface ReaderOptions {
  readonly topics: readonly string[];
  readonly newConsumer: () => Consumer;
  readonly arrived: (chunk: Chunk) => void;
}

export class KafkaReader {
  readonly #options: ReaderOptions;
  readonly #listeners = new Listeners();
  readonly #places = new Map<string, Place>();
  readonly #ends = new Map<string, bigint>();
  readonly #wake = new WakeUp();
  /** Brokers that are read from, with the loop that does. */
  readonly #loops = new Map<number, Promise<void>>();
  #consumer: Consumer | null = null;
  #running: Promise<void> | null = null;
  #stopped = false;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** From the end of every partition. Rejects when the broker does not answer. */
  async start(): Promise<void> {
    try {
      this.#consumer = await this.#connect();
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#running = this.#supervise();
  }

  listen(listener: Listener): Subscription {
    return this.#listeners.add(listener);
  }

  end(topic: string, partition: number): bigint {
    return this.#ends.get(key(topic, partition)) ?? 0n;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#listeners.clear();
    this.#wake.call();
    this.#drop();
    await this.#running;
    await Promise.all(this.#loops.values());
  }

  /** One loop per broker; leaders move, and a broken connection is replaced. */
  async #supervise(): Promise<void> {
    while (!this.#stopped) {
      try {
        this.#consumer ??= await this.#connect();
        const consumer = this.#consumer;
        for (const node of (await byLeader(consumer, [...this.#places.values()])).keys()) this.#follow(consumer, node);
        await this.#wake.wait(superviseMs);
      } catch {
        this.#drop();
        await sleep(retryMs);
      }
    }
  }

  async #connect(): Promise<Consumer> {
    const consumer = this.#options.newConsumer();
    try {
      await this.#findPlaces(consumer);
      if (this.#stopped) throw new Error("The bus is closed.");
      return consumer;
    } catch (error) {
      void cutOff(consumer);
      throw error;
    }
  }

  /** A place that is no longer in the log moves to its nearest end. */
  async #findPlaces(consumer: Consumer): Promise<void> {
    for (const topic of this.#options.topics) consumer.topics.track(topic);
    const topics = [...this.#options.topics];
    const oldest = await consumer.listOffsets({ topics, timestamp: ListOffsetTimestamps.EARLIEST });
    const newest = await consumer.listOffsets({ topics, timestamp: ListOffsetTimestamps.LATEST });
    for (const [topic, ends] of newest) {
      for (const [partition, end] of ends.entries()) {
        const first = oldest.get(topic)?.[partition] ?? 0n;
        const had = this.#places.get(key(topic, partition))?.offset ?? end;
        const offset = nearest(had, first, end);
        this.#places.set(key(topic, partition), { topic, partition, offset });
        this.#ends.set(key(topic, partition), end);
      }
    }
  }

  #drop(): void {
    if (this.#consumer) void cutOff(this.#consumer);
    this.#consumer = null;
  }

  #follow(consumer: Consumer, node: number): void {
    if (this.#loops.has(node)) return;
    const loop = this.#readAll(consumer, node)
      .catch(() => {
        if (this.#consumer === consumer) this.#drop();
      })
      .finally(() => {
        this.#loops.delete(node);
        this.#wake.call();
      });
    this.#loops.set(node, loop);
  }

  async #readAll(consumer: Consumer, node: number): Promise<void> {
    while (this.#consumer === consumer && !this.#stopped) {
      const places = (await byLeader(consumer, [...this.#places.values()])).get(node);
      if (!places) return;
      for (const chunk of await readFrom(consumer, node, places, waitMs)) this.#take(chunk);
    }
  }

  #take(chunk: Chunk): void {
    const { topic, partition, next } = chunk;
    this.#ends.set(key(topic, partition), nearest(next, chunk.end, next));
    this.#places.set(key(topic, partition), { topic, partition, offset: next });
    if (this.#listeners.size > 0) {
      for (const record of chunk.records) {
        const event = record.event();
        if (event) this.#listeners.pass(event);
      }
    }
    this.#options.arrived(chunk);
  }
}

const key = (topic: string, partition: number): string => `${topic}:${partition}`;

function nearest(wanted: bigint, first: bigint, last: bigint): bigint {
  if (wanted < first) return first;
  return wanted > last ? last : wanted;
}
