/** The stream commands this driver uses, with their answers in one shape. */
import type { EventEnvelope } from "@tessera/shared-types";
import type { RedisClient } from "./client.js";

const countedUpTo = 10_000;

export interface Entry {
  readonly id: string;
  readonly type: string;
  /** The envelope as JSON; parsed only by who needs it. */
  readonly text: string;
}

export interface GroupState {
  readonly name: string;
  readonly pending: number;
  /** Entries nobody in the group has got yet. */
  readonly undelivered: number;
  readonly lastDelivered: string;
}

/** `null` when it is no event of ours. */
export function eventOf({ text }: Entry): EventEnvelope | null {
  try {
    return JSON.parse(text) as EventEnvelope | null;
  } catch {
    return null;
  }
}

type RawEntry = { id: string; message: Record<string, string> } | null;
type RawRead = { messages: RawEntry[] }[] | null;

/** `null` stands for an entry that was trimmed away. */
const entries = (raw: readonly RawEntry[]): Entry[] =>
  raw.flatMap((entry) => (entry ? [{ id: entry.id, type: entry.message.t ?? "", text: entry.message.e ?? "{}" }] : []));

/** All or nothing, so that a later event of a partition is never stored without the earlier one. */
export async function addAll(client: RedisClient, key: string, events: readonly EventEnvelope[]): Promise<void> {
  const transaction = client.multi();
  for (const event of events) transaction.xAdd(key, "*", { t: event.type, e: JSON.stringify(event) });
  await transaction.exec();
}

export async function readAfter(client: RedisClient, key: string, id: string, count: number): Promise<Entry[]> {
  const raw = (await client.xRead({ key, id }, { COUNT: count })) as unknown as RawRead;
  return entries(raw?.[0]?.messages ?? []);
}

export async function readNew(
  client: RedisClient,
  key: string,
  group: string,
  consumer: string,
  count: number,
): Promise<Entry[]> {
  const raw = (await client.xReadGroup(group, consumer, { key, id: ">" }, { COUNT: count })) as unknown as RawRead;
  return entries(raw?.[0]?.messages ?? []);
}

/** Takes over what consumers of the group received and never acknowledged, from `start` on. */
export async function claimPending(
  client: RedisClient,
  key: string,
  group: string,
  consumer: string,
  start: string,
  count: number,
): Promise<{ next: string; claimed: Entry[] }> {
  const raw = await client.xAutoClaim(key, group, consumer, 0, start, { COUNT: count });
  return { next: String(raw.nextId), claimed: entries(raw.messages as unknown as RawEntry[]) };
}

export async function lastId(client: RedisClient, key: string): Promise<string> {
  const newest = await client.xRevRange(key, "+", "-", { COUNT: 1 });
  return newest?.[0] ? String(newest[0].id) : "0-0";
}

/** Empty when the stream does not exist. */
export async function groupStates(client: RedisClient, key: string): Promise<GroupState[]> {
  try {
    const raw = (await client.xInfoGroups(key)) as unknown as Record<string, string | number | null>[];
    return await Promise.all(raw.map((group) => groupState(client, key, group)));
  } catch (error) {
    if (String(error).includes("no such key")) return [];
    throw error;
  }
}

/** Redis does not always know how many entries a group has before it; then they are counted. */
async function groupState(
  client: RedisClient,
  key: string,
  group: Record<string, string | number | null>,
): Promise<GroupState> {
  const lastDelivered = String(group["last-delivered-id"]);
  const counted = async (): Promise<number> =>
    (await client.xRange(key, `(${lastDelivered}`, "+", { COUNT: countedUpTo }))?.length ?? 0;
  const undelivered = group.lag ?? (await counted());
  return { name: String(group.name), pending: Number(group.pending), undelivered: Number(undelivered), lastDelivered };
}

/** From the oldest entry on; does nothing when the group exists. */
export async function createGroup(client: RedisClient, key: string, group: string): Promise<void> {
  try {
    await client.xGroupCreate(key, group, "0", { MKSTREAM: true });
  } catch (error) {
    if (!String(error).includes("BUSYGROUP")) throw error;
  }
}

/** When the oldest entry the group has not handled came into the stream, in epoch milliseconds; null if there is none. */
export async function oldestWaiting(client: RedisClient, key: string, group: GroupState): Promise<number | null> {
  const pending = group.pending > 0 ? await client.xPending(key, group.name) : null;
  const id = pending?.firstId ?? (await readAfter(client, key, group.lastDelivered, 1))[0]?.id;
  return id ? Number(String(id).split("-")[0]) : null;
}

/** Oldest entry the group has not acknowledged: everything before it is done. */
export async function doneUpTo(client: RedisClient, key: string, group: GroupState): Promise<string> {
  if (group.pending === 0) return group.lastDelivered;
  const pending = await client.xPending(key, group.name);
  return pending.firstId ? String(pending.firstId) : group.lastDelivered;
}
