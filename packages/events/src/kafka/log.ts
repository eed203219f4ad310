/** Reads the log of a topic: what Kafka returns, in the shape the rest of the driver works with. */
import { type Consumer, IS_CONTROL, type KafkaRecord } from "@platformatic/kafka";
import type { EventEnvelope } from "@tessera/shared-types";

/** Header of a message, so that a group need not parse what it does not want. */
export const typeHeader = "type";

type FetchResponse = Awaited<ReturnType<Consumer["fetch"]>>;

const partitionBytes = 262_144;
const responseBytes = 4_194_304;

export interface Place {
  readonly topic: string;
  readonly partition: number;
  /** The next to be read. */
  readonly offset: bigint;
}

export interface LogRecord {
  readonly offset: bigint;
  readonly type: string;
  /** Parsed once, however many ask; `null` when it is no event of ours. */
  event(): EventEnvelope | null;
}

/** A piece of one partition's log without gaps: everything from `from` up to, not including, `next`. */
export interface Chunk {
  readonly topic: string;
  readonly partition: number;
  readonly from: bigint;
  readonly next: bigint;
  /** Where the log ended when this was read. */
  readonly end: bigint;
  readonly records: readonly LogRecord[];
}

/** The places, by the broker that leads their partition. */
export async function byLeader(consumer: Consumer, places: readonly Place[]): Promise<Map<number, Place[]>> {
  const { topics } = await consumer.metadata({ topics: [...new Set(places.map(({ topic }) => topic))] });
  const led = new Map<number, Place[]>();
  for (const place of places) {
    const leader = topics.get(place.topic)?.partitions[place.partition]?.leader ?? -1;
    if (leader < 0) throw new Error(`${place.topic} has no leader for partition ${place.partition} at the moment.`);
    const members = led.get(leader);
    if (members) members.push(place);
    else led.set(leader, [place]);
  }
  return led;
}

/** What is there from each place on; waits up to `waitMs` when there is nothing. All places are led by `node`. */
export async function readFrom(
  consumer: Consumer,
  node: number,
  places: readonly Place[],
  waitMs: number,
): Promise<Chunk[]> {
  const { topics } = await consumer.metadata({ topics: [...new Set(places.map(({ topic }) => topic))] });
  const names = new Map([...topics].map(([name, { id }]) => [id, name]));
  const wanted = [...names].map(([topicId, topic]) => ({
    topicId,
    partitions: places.filter((place) => place.topic === topic).map(request),
  }));
  const limits = { minBytes: 1, maxBytes: responseBytes, maxWaitTime: waitMs, isolationLevel: 0 };
  return chunks(await consumer.fetch({ node, topics: wanted, ...limits }), names, places);
}

const request = ({ partition, offset }: Place) => ({
  partition,
  fetchOffset: offset,
  partitionMaxBytes: partitionBytes,
  currentLeaderEpoch: -1,
  lastFetchedEpoch: -1,
});

function chunks(response: FetchResponse, names: ReadonlyMap<string, string>, places: readonly Place[]): Chunk[] {
  return response.responses.flatMap(({ topicId, partitions }) =>
    partitions.flatMap(({ partitionIndex: partition, highWatermark: end, records: batches = [] }) => {
      const topic = names.get(topicId);
      const from = places.find((place) => place.topic === topic && place.partition === partition)?.offset;
      if (topic === undefined || from === undefined) return [];
      const last = batches.at(-1);
      const next = last ? last.firstOffset + BigInt(last.lastOffsetDelta) + 1n : from;
      const records = batches
        .filter(({ attributes }) => (attributes & IS_CONTROL) === 0)
        .flatMap((batch) => batch.records.map((record) => logRecord(record, batch.firstOffset)))
        .filter(({ offset }) => offset >= from);
      return [{ topic, partition, from, next, end, records }];
    }),
  );
}

function logRecord({ offsetDelta, headers, value }: KafkaRecord, firstOffset: bigint): LogRecord {
  const type = headers.find(([key]) => key?.toString() === typeHeader)?.[1]?.toString() ?? "";
  let parsed: EventEnvelope | null | undefined;
  const event = (): EventEnvelope | null => {
    parsed ??= parse(value);
    return parsed;
  };
  return { offset: firstOffset + BigInt(offsetDelta), type, event };
}

function parse(value: Buffer | null): EventEnvelope | null {
  try {
    return JSON.parse(value?.toString() ?? "null") as EventEnvelope | null;
  } catch {
    return null;
  }
}
