/**
 * The bus over Kafka. Events are in one topic, partitioned by tenant and aggregate; each module is a consumer group.
 * One reader per process feeds live listeners and the groups that are up to date; a group that is behind reads itself.
 */
import { ListOffsetTimestamps, type Producer } from "@platformatic/kafka";
import type { EventEnvelope } from "@tessera/shared-types";
import type { Bus, Group, GroupLag, HandleEvent, Subscription } from "../bus.js";
import { EventsError } from "../errors.js";
import { laneOf } from "../lanes.js";
import { parseAddress } from "./address.js";
import { Clients, Renewed } from "./clients.js";
import { KafkaGroup } from "./group.js";
import { lagOf } from "./lag.js";
import { type Chunk, typeHeader } from "./log.js";
import { KafkaReader } from "./reader.js";
import { committedBy, knownGroups, offsetsAt, prepareTopics, type Topics, topicsOf } from "./topics.js";

/** As much as a broker takes by default, less what surrounds the event. */
const announceLimit = 1_000_000;
/** Events sent in one request. A larger one travels alone. */
const requestBytes = 786_432;
const healthMs = 2000;

type Message = { topic: string; key: string; value: string; headers: Record<string, string> };

export async function openKafkaBus(brokers: string, namespace: string): Promise<Bus> {
  const topics = topicsOf(namespace);
  const bus = new KafkaBus(new Clients(parseAddress(brokers), `tessera.${namespace}`), topics);
  try {
    await bus.open();
  } catch (error) {
    await bus.close();
    throw unavailable(error);
  }
  return bus;
}

class KafkaBus implements Bus {
  readonly #clients: Clients;
  readonly #topics: Topics;
  readonly #admin: Renewed<ReturnType<Clients["admin"]>>;
  readonly #producer: Renewed<Producer<string, string, string, string>>;
  readonly #reader: KafkaReader;
  readonly #groups = new Set<KafkaGroup>();
  #closed = false;

  constructor(clients: Clients, topics: Topics) {
    this.#clients = clients;
    this.#topics = topics;
    this.#admin = new Renewed(() => clients.admin());
    this.#producer = new Renewed(() => clients.producer());
    this.#reader = new KafkaReader({
      topics: [topics.events, topics.announcements],
      newConsumer: () => clients.consumer(topics.groupId("live")),
      arrived: (chunk) => this.#arrived(chunk),
    });
  }

  async open(): Promise<void> {
    await this.#admin.use((admin) => prepareTopics(admin, this.#topics));
    await this.#reader.start();
  }

  /** One request after the other, so that a later event of a partition is never stored without the earlier one. */
  async append(events: readonly EventEnvelope[]): Promise<void> {
    const messages = events.map((event) => this.#message(this.#topics.events, event));
    for (const request of requests(messages))
      await this.#producer.use((producer) => producer.send({ messages: request }));
  }

  consume(name: string, types: readonly string[], handle: HandleEvent): Subscription {
    const { events } = this.#topics;
    const end = (partition: number): bigint => this.#reader.end(events, partition);
    const groupId = this.#topics.groupId(name);
    const group = new KafkaGroup(groupId, { topic: events, types: new Set(types), handle, end }, () =>
      this.#clients.consumer(groupId),
    );
    this.#groups.add(group);
    return {
      close: async () => {
        this.#groups.delete(group);
        await group.close();
      },
    };
  }

  async lag(groups: readonly Group[]): Promise<GroupLag[]> {
    return this.#admin.use((admin) => lagOf(admin, this.#topics, () => this.#clients.consumer("lag"), groups));
  }

  tail(listener: (event: EventEnvelope) => void): Subscription {
    return this.#reader.listen(listener);
  }

  async announce(event: EventEnvelope): Promise<void> {
    const message = this.#message(this.#topics.announcements, event);
    const bytes = Buffer.byteLength(message.value);
    if (bytes > announceLimit) {
      throw new EventsError("ANNOUNCE_TOO_LARGE", { type: event.type, bytes, limit: announceLimit });
    }
    try {
      await this.#producer.use((producer) => producer.send({ messages: [message] }));
    } catch (error) {
      throw unavailable(error);
    }
  }

  async settled(): Promise<boolean> {
    const groups = [...this.#groups];
    if (groups.length === 0) return true;
    await Promise.all(groups.map((group) => group.commit()));
    const ids = groups.map(({ name }) => name);
    return this.#admin.use(async (admin) => {
      const { events } = this.#topics;
      const [oldest, newest, committed] = await Promise.all([
        offsetsAt(admin, events, ListOffsetTimestamps.EARLIEST),
        offsetsAt(admin, events, ListOffsetTimestamps.LATEST),
        committedBy(admin, events, ids),
      ]);
      return ids.every((id) =>
        newest.every((end, partition) => end <= passed(committed.get(id)?.[partition], oldest[partition])),
      );
    });
  }

  /** Up to the first event that is young enough, and never beyond what some group of the installation has passed. */
  async trim(olderThanMs: number): Promise<number> {
    return this.#admin.use(async (admin) => {
      const { events } = this.#topics;
      const ids = await knownGroups(admin, this.#topics);
      const [oldest, newest, young, committed] = await Promise.all([
        offsetsAt(admin, events, ListOffsetTimestamps.EARLIEST),
        offsetsAt(admin, events, ListOffsetTimestamps.LATEST),
        offsetsAt(admin, events, BigInt(Date.now() - olderThanMs)),
        committedBy(admin, events, ids),
      ]);
      const partitions = oldest.flatMap((first, partition) => {
        const old = (young[partition] ?? -1n) < 0n ? (newest[partition] ?? first) : (young[partition] ?? first);
        const done = ids.map((id) => passed(committed.get(id)?.[partition], first));
        const offset = [old, ...done].reduce((least, one) => (one < least ? one : least));
        return offset > first ? [{ partition, offset, removed: Number(offset - first) }] : [];
      });
      if (partitions.length === 0) return 0;
      await admin.deleteRecords({
        topics: [{ name: events, partitions: partitions.map(({ partition, offset }) => ({ partition, offset })) }],
      });
      return partitions.reduce((sum, { removed }) => sum + removed, 0);
    });
  }

  async health(): Promise<{ ok: boolean; detail: string }> {
    if (this.#closed) return { ok: false, detail: "The bus has no connection to Kafka." };
    try {
      const { events } = this.#topics;
      await this.#admin.use((admin) => admin.metadata({ topics: [events], forceUpdate: true }), healthMs);
      return { ok: true, detail: "Kafka carries the events." };
    } catch (error) {
      return { ok: false, detail: `Kafka does not answer: ${problemOf(error)}` };
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.all([...this.#groups].map((group) => group.close()));
    await this.#reader.stop();
    await Promise.all([this.#producer.close(), this.#admin.close()]);
  }

  #arrived(chunk: Chunk): void {
    if (chunk.topic !== this.#topics.events) return;
    for (const group of this.#groups) group.offer(chunk);
  }

  #message(topic: string, event: EventEnvelope): Message {
    return { topic, key: laneOf(event), value: JSON.stringify(event), headers: { [typeHeader]: event.type } };
  }
}

/** A group that has said nothing about a partition has passed nothing of it. */
const passed = (committed: bigint | undefined, oldest: bigint | undefined): bigint =>
  committed === undefined || committed < 0n ? (oldest ?? 0n) : committed;

function requests(messages: readonly Message[]): Message[][] {
  const all: Message[][] = [];
  let room = 0;
  for (const message of messages) {
    const bytes = Buffer.byteLength(message.value) + 256;
    const last = all.at(-1);
    if (last && bytes <= room) last.push(message);
    else all.push([message]);
    room = (last && bytes <= room ? room : requestBytes) - bytes;
  }
  return all;
}

function unavailable(error: unknown): EventsError {
  if (error instanceof EventsError) return error;
  return new EventsError("BUS_UNAVAILABLE", { problem: problemOf(error), setting: "KAFKA_BROKERS" }, { cause: error });
}

/** The innermost error says what really happened. */
function problemOf(error: unknown): string {
  const { cause, errors, message } = error as { cause?: unknown; errors?: unknown[]; message?: string };
  const inner = cause ?? errors?.[0];
  return inner ? problemOf(inner) : (message ?? String(error)).replace(/\.$/, "");
}
