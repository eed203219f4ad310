/**
 * One member of a Kafka consumer group, for as long as nothing goes wrong: it holds some partitions of the topic, and
 * gives them up only when what it has of them under way is finished.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type Consumer, heartbeatV4, ListOffsetTimestamps } from "@platformatic/kafka";
import { WakeUp } from "../wake-up.js";
import { cutOff, rebalanceMs, sessionMs, within } from "./clients.js";
import { byLeader, type Chunk, type Place, readFrom } from "./log.js";
import { type PartitionFacts, PartitionWork } from "./partition-work.js";

const heartbeatMs = 1000;
const pollMs = 1000;
const drainMs = rebalanceMs - 10_000;
const never = 2 ** 31 - 1;

export interface MemberFacts extends Omit<PartitionFacts, "wake"> {
  readonly topic: string;
  /** Where the log of a partition ends, as far as this process knows. */
  readonly end: (partition: number) => bigint;
}

export class Membership {
  readonly #facts: MemberFacts;
  readonly #consumer: Consumer;
  readonly #partitions = new Map<number, PartitionWork>();
  readonly #pulse = new WakeUp();
  readonly #more = new WakeUp();
  #generation = -1;
  #beatAt = 0;
  #ended = false;
  #running: Promise<unknown> = Promise.resolve();

  constructor(facts: MemberFacts, consumer: Consumer, memberId: string | null) {
    this.#facts = facts;
    this.#consumer = consumer;
    consumer.topics.track(facts.topic);
    // A member that comes back under its name need not wait until its former self is given up.
    consumer.memberId = memberId;
  }

  /** Works until `leave`; rejects when the group has to be joined anew. */
  async run(): Promise<void> {
    await this.#join();
    const loops = [this.#beat(), this.#read()].map((loop) => loop.finally(() => this.#end()));
    this.#running = Promise.allSettled(loops);
    await Promise.all(loops);
  }

  /** Part of the log that this process has read already, so that the group need not. */
  offer(chunk: Chunk): void {
    const work = this.#partitions.get(chunk.partition);
    work?.take(chunk);
    if (work && work.position < chunk.next) this.#more.call();
  }

  /** Tells the broker what is handled. */
  async commit(): Promise<void> {
    const moved = [...this.#partitions].filter(([, work]) => work.lowWater > work.committed);
    if (moved.length === 0) return;
    const places = moved.map(([partition, work]) => ({ partition, work, offset: work.lowWater }));
    await this.#commitAll(places);
    for (const { work, offset } of places) if (offset > work.committed) work.committed = offset;
  }

  /** Resolves to the id of the member if the broker could not be told that it is gone. */
  async leave(): Promise<string | null> {
    this.#end();
    const partitions = [...this.#partitions.values()];
    for (const work of partitions) work.stop();
    // Until then nobody else may have these events: the group would work on one aggregate in two places.
    while (partitions.some(({ busy }) => busy)) await this.#finish();
    await within(2000, this.commit()).catch(() => {});
    await within(2000, this.#close()).catch(() => cutOff(this.#consumer));
    await this.#running;
    return this.#consumer.memberId;
  }

  #close(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#consumer.close(true, (error) => (error ? reject(error) : resolve()));
    });
  }

  async #finish(): Promise<void> {
    await sleep(20);
    if (Date.now() - this.#beatAt < heartbeatMs) return;
    await this.#heartbeat().catch(() => {});
  }

  #end(): void {
    this.#ended = true;
    this.#pulse.call();
    this.#more.call();
  }

  async #beat(): Promise<void> {
    while (!this.#ended) {
      await this.#pulse.wait(heartbeatMs);
      if (this.#ended) return;
      if (await this.#heartbeat()) await this.commit();
      else await this.#rebalance();
    }
  }

  /** False when the members of the group change. Sent here and not by the library, which would join again at once. */
  async #heartbeat(): Promise<boolean> {
    const { coordinatorId, currentMetadata, connections, groupId, memberId, generationId } = this.#consumer;
    if (generationId !== this.#generation) throw new Error("The group was joined behind the back of this member.");
    const broker = currentMetadata?.brokers.get(coordinatorId ?? -1);
    if (!broker) throw new Error(`The broker that coordinates ${groupId} is not known.`);
    this.#beatAt = Date.now();
    try {
      const connection = await connections.get(broker);
      await within(sessionMs, heartbeatV4.api.async(connection, groupId, generationId, memberId ?? "", null));
      return true;
    } catch (error) {
      if (says(error, "rebalanceInProgress")) return false;
      throw error;
    }
  }

  async #rebalance(): Promise<void> {
    const partitions = [...this.#partitions.values()];
    for (const work of partitions) work.paused = true;
    const until = Date.now() + drainMs;
    while (partitions.some(({ busy }) => busy) && Date.now() < until && !this.#ended) await this.#finish();
    await this.commit();
    if (this.#ended) return;
    await this.#join();
    for (const work of this.#partitions.values()) work.paused = false;
    this.#more.call();
  }

  async #join(): Promise<void> {
    const options = { sessionTimeout: sessionMs, rebalanceTimeout: rebalanceMs, heartbeatInterval: heartbeatMs };
    const joined = this.#consumer.joinGroup(options);
    // The library reads it when it arms its own heartbeat.
    options.heartbeatInterval = never;
    await joined;
    this.#generation = this.#consumer.generationId;
    await this.#assign();
  }

  /** What it had and still has goes on where it was: nobody else can have had it in between. */
  async #assign(): Promise<void> {
    const { topic } = this.#facts;
    const owned = this.#consumer.assignments?.find((assignment) => assignment.topic === topic)?.partitions ?? [];
    for (const [partition, work] of this.#partitions) {
      if (owned.includes(partition)) continue;
      work.stop();
      this.#partitions.delete(partition);
    }
    const added = owned.filter((partition) => !this.#partitions.has(partition));
    if (added.length > 0) await this.#takeOn(added);
    this.#more.call();
  }

  async #takeOn(added: readonly number[]): Promise<void> {
    const { topic } = this.#facts;
    const [committed, oldest, newest] = await Promise.all([
      this.#consumer.listCommittedOffsets({ topics: [{ topic, partitions: [...added] }] }),
      this.#consumer.listOffsets({ topics: [topic], timestamp: ListOffsetTimestamps.EARLIEST }),
      this.#consumer.listOffsets({ topics: [topic], timestamp: ListOffsetTimestamps.LATEST }),
    ]);
    const places = added.map((partition) => {
      const first = oldest.get(topic)?.[partition] ?? 0n;
      const known = committed.get(topic)?.[partition] ?? -1n;
      const valid = known >= first && known <= (newest.get(topic)?.[partition] ?? known);
      return { partition, offset: valid ? known : first, known };
    });
    // A group that has handled nothing yet must already hold up trimming.
    const unknown = places.filter(({ known, offset }) => known !== offset);
    if (unknown.length > 0) await this.#commitAll(unknown);
    const facts = { ...this.#facts, wake: () => this.#more.call() };
    for (const { partition, offset } of places) {
      this.#partitions.set(partition, new PartitionWork(facts, offset));
    }
  }

  #commitAll(places: readonly { partition: number; offset: bigint }[]): Promise<void> {
    const { topic } = this.#facts;
    const offsets = places.map(({ partition, offset }) => ({ topic, partition, offset, leaderEpoch: -1 }));
    return this.#consumer.commit({ offsets });
  }

  async #read(): Promise<void> {
    while (!this.#ended) {
      const places = this.#behind();
      if (places.length === 0) await this.#more.wait(pollMs);
      else await this.#catchUp(places);
    }
  }

  #behind(): Place[] {
    return [...this.#partitions]
      .filter(([partition, work]) => work.takesMore && work.position < this.#facts.end(partition))
      .map(([partition, { position }]) => ({ topic: this.#facts.topic, partition, offset: position }));
  }

  async #catchUp(places: readonly Place[]): Promise<void> {
    for (const [node, led] of await byLeader(this.#consumer, places)) {
      for (const chunk of await readFrom(this.#consumer, node, led, 0))
        this.#partitions.get(chunk.partition)?.take(chunk);
    }
  }
}

function says(error: unknown, property: string): boolean {
  const { findBy } = error as { findBy?: (property: string, value: unknown) => unknown };
  return Boolean(findBy?.call(error, property, true));
}
