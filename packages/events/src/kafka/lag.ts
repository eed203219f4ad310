/** How far groups are behind, asked of the broker, so that it holds for groups of other processes too. */
import { type Admin, type Consumer, ListOffsetTimestamps } from "@platformatic/kafka";
import type { Group, GroupLag } from "../bus.js";
import { cutOff } from "./clients.js";
import { committedBy, offsetsAt, type Topics } from "./topics.js";

interface Waiting {
  readonly partition: number;
  readonly from: bigint;
  readonly count: number;
}

/** Counts events of every type: which of them a group wants, only reading them all would tell. */
export async function lagOf(
  admin: Admin,
  topics: Topics,
  newConsumer: () => Consumer,
  groups: readonly Group[],
): Promise<GroupLag[]> {
  const { events, groupId } = topics;
  const [oldest, newest, committed] = await Promise.all([
    offsetsAt(admin, events, ListOffsetTimestamps.EARLIEST),
    offsetsAt(admin, events, ListOffsetTimestamps.LATEST),
    committedBy(
      admin,
      events,
      groups.map(({ group }) => groupId(group)),
    ),
  ]);
  const lags = groups.map(({ group }) => {
    const waiting = newest.flatMap((end, partition): Waiting[] => {
      const known = committed.get(groupId(group))?.[partition] ?? -1n;
      const from = known < 0n ? (oldest[partition] ?? 0n) : known;
      return end > from ? [{ partition, from, count: Number(end - from) }] : [];
    });
    return { group, waiting };
  });
  const times = await timesOf(
    newConsumer,
    events,
    lags.flatMap(({ waiting }) => waiting),
  );
  return lags.map(({ group, waiting }) => {
    const since = waiting.flatMap(({ partition, from }) => times.get(`${partition}:${from}`) ?? []);
    return {
      group,
      lag: waiting.reduce((sum, { count }) => sum + count, 0),
      oldestAt: since.length > 0 ? new Date(Math.min(...since)) : null,
    };
  });
}

/** When the events at these offsets came, in epoch milliseconds. One request per partition: a limit counts for the first. */
async function timesOf(
  newConsumer: () => Consumer,
  topic: string,
  waiting: readonly Waiting[],
): Promise<Map<string, number>> {
  const times = new Map<string, number>();
  const places = new Map(waiting.map((place) => [`${place.partition}:${place.from}`, place]));
  if (places.size === 0) return times;
  const consumer = newConsumer();
  try {
    const { topics } = await consumer.metadata({ topics: [topic] });
    const { id: topicId = "", partitions = [] } = topics.get(topic) ?? {};
    for (const [key, { partition, from }] of places) {
      const place = {
        partition,
        fetchOffset: from,
        partitionMaxBytes: 1,
        currentLeaderEpoch: -1,
        lastFetchedEpoch: -1,
      };
      const answer = await consumer.fetch({
        node: partitions[partition]?.leader ?? -1,
        topics: [{ topicId, partitions: [place] }],
        maxWaitTime: 0,
      });
      const batch = answer.responses[0]?.partitions[0]?.records?.[0];
      const record = batch?.records.find(({ offsetDelta }) => batch.firstOffset + BigInt(offsetDelta) >= from);
      if (batch && record) times.set(key, Number(batch.firstTimestamp + record.timestampDelta));
    }
    return times;
  } finally {
    void cutOff(consumer);
  }
}
