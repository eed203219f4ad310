/** The stream commands this driver uses, with their answers in one shape. */
import type { EventEnvelope } from "@tessera/shared-types";
import type { RedisClient } from "./client.js";
import type { Keys } from "./keys.js";

const countedUpTo = 10_000;

export interface Entry {
  readonly id: string;
  readonly type: string;
  /** The envelope as JSON; parsed only by who needs it. */
  readonly text: string;
}

export interface GroupState {
  readonly name: string;
  /** Up to here the group has got everything. */
  readonly lastDelivered: string;
  /** Entries behind that, where Redis knows. */
  readonly lag: number | null;
  /** What of the rest is not handled: only the version before this one leaves entries to be acknowledged. */
  readonly pending: number;
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

const addScript = `
  local id
  for at = 4, #ARGV, 2 do id = redis.call('xadd', KEYS[1], '*', 't', ARGV[at], 'e', ARGV[at + 1]) end
  redis.pcall('publish', ARGV[1], '[' .. ARGV[2] .. ',"' .. id .. '",' .. ARGV[3] .. ']')`;

/**
 * Stores events of one partition and tells of them (`arrivals.ts`), in one step, so that a later one is never stored
 * without the earlier ones.
 */
export async function addAll(
  client: RedisClient,
  keys: Keys,
  partition: number,
  events: readonly EventEnvelope[],
): Promise<void> {
  const types = JSON.stringify([...new Set(events.map(({ type }) => type))]);
  const entries = events.flatMap((event) => [event.type, JSON.stringify(event)]);
  await client.eval(addScript, {
    keys: [keys.stream(partition)],
    arguments: [keys.arrivals, String(partition), types, ...entries],
  });
}

export async function readAfter(client: RedisClient, key: string, id: string, count: number): Promise<Entry[]> {
  const raw = (await client.xRead({ key, id }, { COUNT: count })) as unknown as RawRead;
  return entries(raw?.[0]?.messages ?? []);
}

export async function lastId(client: RedisClient, key: string): Promise<string> {
  const newest = await client.xRevRange(key, "+", "-", { COUNT: 1 });
  return newest?.[0] ? String(newest[0].id) : "0-0";
}

/** Empty when the stream does not exist. */
export async function groupStates(client: RedisClient, key: string): Promise<GroupState[]> {
  try {
    const raw = (await client.xInfoGroups(key)) as unknown as Record<string, string | number | null>[];
    return raw.map(({ name, pending, lag, "last-delivered-id": lastDelivered }) => ({
      name: String(name),
      lastDelivered: String(lastDelivered),
      lag: lag == null ? null : Number(lag),
      pending: Number(pending),
    }));
  } catch (error) {
    if (String(error).includes("no such key")) return [];
    throw error;
  }
}

/** How many entries the group has not handled. Where Redis does not know they are counted, up to a bound. */
export async function waitingFor(client: RedisClient, key: string, group: GroupState): Promise<number> {
  const { lag, pending, lastDelivered } = group;
  if (lag !== null) return pending + lag;
  const behind = await client.xRange(key, `(${lastDelivered}`, "+", { COUNT: countedUpTo });
  return pending + (behind?.length ?? 0);
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
