/** The topics of one installation, and what the broker knows about its groups. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Admin } from "@platformatic/kafka";

/** Only for topics made here; changing it in a topic that is in use moves aggregates to other partitions. */
const partitions = 16;
const eventBytes = 8_388_608;
const announcementMs = 60_000;
const knownMs = 10_000;

export interface Topics {
  readonly events: string;
  readonly announcements: string;
  groupId(group: string): string;
}

export const topicsOf = (namespace: string): Topics => ({
  events: `tessera.${namespace}.events`,
  announcements: `tessera.${namespace}.announcements`,
  groupId: (group) => `tessera.${namespace}.${group}`,
});

/**
 * Makes the topics that are missing, with as many replicas as the broker does by default. The broker deletes no event by
 * itself: that is for `trim`, which knows what the groups have passed. Announcements are gone after some minutes.
 */
export async function prepareTopics(admin: Admin, { events, announcements }: Topics): Promise<void> {
  const present = await admin.listTopics();
  const forever = { "retention.ms": -1, "retention.bytes": -1, "max.message.bytes": eventBytes };
  const short = { "retention.ms": announcementMs, "segment.ms": announcementMs };
  if (!present.includes(events)) await create(admin, events, partitions, forever);
  if (!present.includes(announcements)) await create(admin, announcements, 1, short);
  await untilLed(admin, [events, announcements]);
}

/** A topic that was just made is not known to every broker at once. */
async function untilLed(admin: Admin, names: readonly string[]): Promise<void> {
  for (const end = Date.now() + knownMs; ; ) {
    try {
      const { topics } = await admin.metadata({ topics: [...names], forceUpdate: true });
      const leaders = [...topics.values()].flatMap(({ partitions }) => partitions.map(({ leader }) => leader));
      if (!leaders.includes(-1)) return;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    await sleep(50);
  }
}

async function create(admin: Admin, topic: string, count: number, settings: Record<string, number>): Promise<void> {
  const configs = Object.entries({ "cleanup.policy": "delete", ...settings });
  try {
    await admin.createTopics({
      topics: [topic],
      partitions: count,
      replicas: -1,
      configs: configs.map(([name, value]) => ({ name, value: String(value) })),
    });
  } catch (error) {
    // Another process was quicker.
    if (!(await admin.listTopics()).includes(topic)) throw error;
  }
}

/** Where each partition of a topic stands, by its number. */
export async function offsetsAt(admin: Admin, topic: string, timestamp: bigint): Promise<bigint[]> {
  const { topics } = await admin.metadata({ topics: [topic] });
  const count = topics.get(topic)?.partitionsCount ?? 0;
  const wanted = Array.from({ length: count }, (_, partitionIndex) => ({ partitionIndex, timestamp }));
  const [listed] = await admin.listOffsets({ topics: [{ name: topic, partitions: wanted }] });
  const offsets: bigint[] = Array(count).fill(-1n);
  for (const { partitionIndex, offset } of listed?.partitions ?? []) offsets[partitionIndex] = offset;
  return offsets;
}

/** What each group has handled of a topic, by partition; -1 where it has said nothing yet. */
export async function committedBy(
  admin: Admin,
  topic: string,
  groupIds: readonly string[],
): Promise<Map<string, bigint[]>> {
  if (groupIds.length === 0) return new Map();
  const listed = await admin.listConsumerGroupOffsets({ groups: [...groupIds] });
  return new Map(
    listed.map(({ groupId, topics }) => {
      const offsets: bigint[] = [];
      const own = topics.find(({ name }) => name === topic)?.partitions ?? [];
      for (const { partitionIndex, committedOffset } of own) offsets[partitionIndex] = committedOffset;
      return [groupId, offsets];
    }),
  );
}

/** Ids of all groups of the installation, of other processes and without members too. */
export async function knownGroups(admin: Admin, topics: Topics): Promise<string[]> {
  const prefix = topics.groupId("");
  return [...(await admin.listGroups()).keys()].filter((id) => id.startsWith(prefix));
}
