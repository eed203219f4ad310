/**
 * The bus on Redis Streams: a fixed number of partitions, an aggregate always in the same one. Two connections per
 * process, however many modules run in it: one for commands, one that hears of arrivals and announcements.
 */
import { randomUUID } from "node:crypto";
import type { EventEnvelope } from "@tessera/shared-types";
import type { Bus, Group, GroupLag, HandleEvent, Subscription } from "../bus.js";
import { EventsError } from "../errors.js";
import { readArrivals } from "./arrivals.js";
import { connect, type RedisClient } from "./client.js";
import { RedisGroup } from "./group.js";
import { compareIds, everyPartition, type Keys, keysOf, partitionOf } from "./keys.js";
import { RedisLiveReader } from "./live-reader.js";
import { addAll, createGroup, doneUpTo, groupStates, lastId, oldestWaiting, waitingFor } from "./stream-commands.js";

/** How late an event may be noticed when its notification got lost, and how long a dead process's work may lie. */
const pollMs = 1000;
/** A whole import's progress fits many times; what does not is content, not an announcement. */
const announceLimit = 1_000_000;

export async function openRedisBus(url: string, namespace: string): Promise<Bus> {
  const client = await connect(url);
  const subscriber = await connect(url).catch((error) => {
    client.destroy();
    throw error;
  });
  const bus = new RedisBus(client, subscriber, keysOf(namespace));
  await bus.open();
  return bus;
}

class RedisBus implements Bus {
  readonly #client: RedisClient;
  readonly #subscriber: RedisClient;
  readonly #keys: Keys;
  readonly #reader: RedisLiveReader;
  readonly #groups = new Set<RedisGroup>();
  readonly #starting = new Set<Promise<void>>();
  readonly #process = randomUUID();
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<boolean> | null = null;
  #closed = false;

  constructor(client: RedisClient, subscriber: RedisClient, keys: Keys) {
    this.#client = client;
    this.#subscriber = subscriber;
    this.#keys = keys;
    this.#reader = new RedisLiveReader(client, keys);
  }

  async open(): Promise<void> {
    await this.#reader.start();
    await this.#subscriber.subscribe(this.#keys.arrivals, (message) => this.#arrived(message));
    await this.#subscriber.subscribe(this.#keys.announcements, (message) => {
      this.#reader.pass(JSON.parse(message) as EventEnvelope);
    });
    this.#timer = setInterval(() => void this.#poll(), pollMs).unref();
  }

  async append(events: readonly EventEnvelope[]): Promise<void> {
    const byPartition = new Map<number, EventEnvelope[]>();
    for (const event of events) {
      const partition = partitionOf(event);
      const members = byPartition.get(partition);
      if (members) members.push(event);
      else byPartition.set(partition, [event]);
    }
    await Promise.all(
      [...byPartition].map(([partition, members]) => addAll(this.#client, this.#keys, partition, members)),
    );
  }

  consume(name: string, types: readonly string[], handle: HandleEvent): Subscription {
    const group = new RedisGroup(name, types, handle, this.#client, this.#keys, this.#process);
    const started = this.#begin(group).finally(() => this.#starting.delete(started));
    this.#starting.add(started);
    return {
      close: async () => {
        await started;
        this.#groups.delete(group);
        await group.close();
      },
    };
  }

  tail(listener: (event: EventEnvelope) => void): Subscription {
    return this.#reader.listen(listener);
  }

  async announce(event: EventEnvelope): Promise<void> {
    const text = JSON.stringify(event);
    const bytes = Buffer.byteLength(text);
    if (bytes > announceLimit) {
      throw new EventsError("ANNOUNCE_TOO_LARGE", { type: event.type, bytes, limit: announceLimit });
    }
    try {
      await this.#client.publish(this.#keys.announcements, text);
    } catch (error) {
      throw new EventsError("BUS_UNAVAILABLE", { problem: String(error), setting: "REDIS_URL" }, { cause: error });
    }
  }

  async settled(): Promise<boolean> {
    await Promise.all(this.#starting);
    return this.#sweep();
  }

  async lag(groups: readonly Group[]): Promise<GroupLag[]> {
    const states = (await Promise.all(everyPartition.map((partition) => this.#lagIn(partition)))).flat();
    return groups.map(({ group }) => {
      const own = states.filter(({ name }) => name === group);
      const times = own.flatMap(({ oldest }) => oldest ?? []);
      return {
        group,
        lag: own.reduce((sum, { waiting }) => sum + waiting, 0),
        oldestAt: times.length > 0 ? new Date(Math.min(...times)) : null,
      };
    });
  }

  async #lagIn(partition: number): Promise<{ name: string; waiting: number; oldest: number | null }[]> {
    const key = this.#keys.stream(partition);
    const waiting = (await groupStates(this.#client, key)).map(async (state) => ({
      name: state.name,
      waiting: await waitingFor(this.#client, key, state),
      oldest: await oldestWaiting(this.#client, key, state),
    }));
    return Promise.all(waiting);
  }

  async trim(olderThanMs: number): Promise<number> {
    const removed = await Promise.all(everyPartition.map((partition) => this.#trimPartition(partition, olderThanMs)));
    return removed.reduce((sum, count) => sum + count, 0);
  }

  async health(): Promise<{ ok: boolean; detail: string }> {
    if (this.#closed || !this.#client.isReady) return { ok: false, detail: "The bus has no connection to Redis." };
    try {
      await this.#client.ping();
      return { ok: true, detail: "Redis Streams carry the events." };
    } catch (error) {
      return { ok: false, detail: `Redis does not answer: ${String(error)}` };
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    await Promise.all([...this.#groups].map((group) => group.close()));
    await this.#reader.stop();
    this.#subscriber.destroy();
    this.#client.destroy();
  }

  async #begin(group: RedisGroup): Promise<void> {
    await this.#createGroups(group).catch(() => {
      // Without Redis the groups are made by the workers when it is back: they are woken by the poll.
    });
    this.#groups.add(group);
    for (const partition of everyPartition) group.wake(partition);
  }

  async #createGroups(group: RedisGroup): Promise<void> {
    await Promise.all(everyPartition.map((at) => createGroup(this.#client, this.#keys.stream(at), group.name)));
  }

  #arrived(message: string): void {
    for (const { partition, id, types } of readArrivals(message)) {
      this.#reader.arrived(partition, id);
      for (const group of this.#groups) group.arrived(partition, types);
    }
  }

  async #poll(): Promise<void> {
    if (this.#closed || !this.#client.isReady) return;
    await this.#sweep().catch(() => {});
  }

  /** Wakes the live reader where it has something to read, and groups that lag, whatever the reason; true when none does. Sweeps share one pass over the partitions. */
  #sweep(): Promise<boolean> {
    this.#sweeping ??= Promise.all(everyPartition.map((partition) => this.#sweepPartition(partition)))
      .then((caughtUp) => caughtUp.every(Boolean))
      .finally(() => {
        this.#sweeping = null;
      });
    return this.#sweeping;
  }

  async #sweepPartition(partition: number): Promise<boolean> {
    const key = this.#keys.stream(partition);
    const [last, states] = await Promise.all([lastId(this.#client, key), groupStates(this.#client, key)]);
    this.#reader.arrived(partition, last);
    let caughtUp = true;
    for (const group of this.#groups) {
      const state = states.find(({ name }) => name === group.name);
      if (state?.pending === 0 && compareIds(state.lastDelivered, last) >= 0) continue;
      caughtUp = false;
      group.wake(partition);
    }
    return caughtUp;
  }

  async #trimPartition(partition: number, olderThanMs: number): Promise<number> {
    const key = this.#keys.stream(partition);
    const states = await groupStates(this.#client, key);
    const done = await Promise.all(states.map((state) => doneUpTo(this.#client, key, state)));
    const oldest = [...done, `${Date.now() - olderThanMs}-0`].sort(compareIds)[0] ?? "0-0";
    return this.#client.xTrim(key, "MINID", oldest as unknown as number);
  }
}
