/** How far a group is in one partition. Redis keeps it as the group's last delivered id; only the lease holder moves it. */
import type { RedisClient } from "./client.js";
import type { Lease } from "./lease.js";

export interface Place {
  /** Every entry up to this one is handled. */
  readonly id: string;
  /** How many those are since the stream began, where Redis knows: from it, it tells the group's lag. */
  readonly count: number | null;
}

/**
 * Entries that were handed out and not acknowledged are left by the version before this one: then the group goes back to
 * the first of them.
 */
const findScript = `
  local function fields(list)
    local named = {}
    for at = 1, #list, 2 do named[list[at]] = list[at + 1] end
    return named
  end
  for _, one in ipairs(redis.call('xinfo', 'groups', KEYS[1])) do
    local group = fields(one)
    if group.name == ARGV[1] then
      if group.pending == 0 then
        local added = fields(redis.call('xinfo', 'stream', KEYS[1]))['entries-added']
        return { group['last-delivered-id'], group.lag and added - group.lag }
      end
      local first = redis.call('xpending', KEYS[1], ARGV[1])[2]
      local before = redis.call('xrevrange', KEYS[1], '(' .. first, '-', 'count', 1)[1]
      local id = before and before[1] or '0-0'
      redis.call('xgroup', 'destroy', KEYS[1], ARGV[1])
      redis.call('xgroup', 'create', KEYS[1], ARGV[1], id)
      return { id, false }
    end
  end
  return redis.error_reply('NOGROUP The stream has no such group.')`;

const saveScript = `
  if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
  redis.call('xgroup', 'setid', KEYS[2], unpack(ARGV, 2))
  return 1`;

/** Call it as holder of the lease. Rejects with `NOGROUP` or `no such key` when the group is not there. */
export async function findPlace(client: RedisClient, stream: string, group: string): Promise<Place> {
  const answer = await client.eval(findScript, { keys: [stream], arguments: [group] });
  const [id, count] = answer as unknown as [string, number | null];
  return { id, count };
}

/** Does nothing when somebody else has the lease by now: the place is theirs to tell. */
export async function savePlace(lease: Lease, stream: string, group: string, { id, count }: Place): Promise<void> {
  const known = count === null ? [] : ["ENTRIESREAD", String(count)];
  await lease.client.eval(saveScript, { keys: [lease.key, stream], arguments: [lease.holder, group, id, ...known] });
}
