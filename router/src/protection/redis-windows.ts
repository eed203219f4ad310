/** Windows that all routers share in Redis: one script for each take, by the clock of Redis. */
import { createHash } from "node:crypto";
import { openRedis } from "./open-redis.js";
import type { WindowRule, WindowState, WindowStore } from "./windows.js";

/** KEYS: one hash for each rule. ARGV: the amount, then limit and window (ms) of each rule. See windows.ts for the sum. */
const script = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local amount = tonumber(ARGV[1])
local allowed = 1
local states = {}
for i, key in ipairs(KEYS) do
  local limit, length = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local window = math.floor(now / length)
  local kept = redis.call('HMGET', key, 'w', 'p', 'c')
  local previous, current = 0, 0
  local last = tonumber(kept[1] or -1)
  if last == window then
    previous, current = tonumber(kept[2]), tonumber(kept[3])
  elseif last == window - 1 then
    previous = tonumber(kept[3])
  end
  local elapsed = now - window * length
  if previous * (1 - elapsed / length) + current + amount > limit then allowed = 0 end
  states[i] = { window = window, previous = previous, current = current, elapsed = elapsed, length = length }
end
local answer = { allowed }
for i, key in ipairs(KEYS) do
  local state = states[i]
  if allowed == 1 then
    state.current = state.current + amount
    redis.call('HSET', key, 'w', string.format('%d', state.window), 'p', tostring(state.previous), 'c', tostring(state.current))
    redis.call('PEXPIRE', key, 2 * state.length)
  end
  answer[#answer + 1] = tostring(state.previous)
  answer[#answer + 1] = tostring(state.current)
  answer[#answer + 1] = tostring(state.elapsed)
end
return answer`;
const sha = createHash("sha1").update(script).digest("hex");

export interface RedisWindowOptions {
  readonly url: string;
  /** Default `tessera:rate:`. */
  readonly prefix?: string;
}

/** Connects in the background; rejects while Redis is away. */
export function createRedisWindows({ url, prefix = "tessera:rate:" }: RedisWindowOptions): WindowStore {
  const client = openRedis(url);

  async function run(rules: readonly WindowRule[], amount: number): Promise<unknown> {
    const keys = rules.map(({ key }) => prefix + key);
    const limits = rules.flatMap(({ limit, windowMs }) => [String(limit), String(windowMs)]);
    const given = { keys, arguments: [String(amount), ...limits] };
    try {
      return await client.evalSha(sha, given);
    } catch (error) {
      if (!String(error).includes("NOSCRIPT")) throw error;
      return client.eval(script, given);
    }
  }

  return {
    async take(rules, amount) {
      const [allowed, ...numbers] = (await run(rules, amount)) as readonly (number | string)[];
      const states = rules.map((_, index): WindowState => {
        const [previous, current, elapsedMs] = numbers.slice(3 * index, 3 * index + 3).map(Number);
        return { previous: previous ?? 0, current: current ?? 0, elapsedMs: elapsedMs ?? 0 };
      });
      return { isAllowed: allowed === 1, states };
    },
    async close() {
      client.destroy();
    },
  };
}
