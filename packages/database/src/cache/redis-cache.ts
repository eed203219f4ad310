/** The cache in Redis, under a prefix of its own. */
import { createClient } from "redis";
import { DatabaseError } from "../errors.js";
import type { CacheDriver } from "./contract.js";

const connectMs = 5000;

export async function openRedisCache(url: string, namespace: string): Promise<CacheDriver> {
  const client = await connect(url);
  const own = `tessera:${namespace}:cache:`;
  return {
    async get<T>(key: string) {
      const text = await client.get(own + key);
      return text === null ? undefined : (JSON.parse(text) as T);
    },
    async set(key, value, ttlSeconds) {
      if (ttlSeconds > 0) await client.set(own + key, JSON.stringify(value), { PX: Math.ceil(ttlSeconds * 1000) });
    },
    async delete(key) {
      await client.unlink(own + key);
    },
    async deletePrefix(prefix) {
      const pattern = `${own}${prefix.replace(/[*?[\]\\]/g, "\\$&")}*`;
      for await (const keys of client.scanIterator({ MATCH: pattern, COUNT: 500 })) {
        if (keys.length > 0) await client.unlink(keys);
      }
    },
    async close() {
      client.destroy();
    },
  };
}

function newClient(url: string) {
  return createClient({
    url,
    // A command without a connection fails at once instead of waiting for one.
    disableOfflineQueue: true,
    socket: { connectTimeout: connectMs, reconnectStrategy: (retries) => Math.min(50 * 2 ** retries, 1000) },
  });
}

async function connect(url: string): Promise<ReturnType<typeof newClient>> {
  const client = newClient(url);
  let problem: unknown = "no answer";
  // Without a listener a lost connection would end the process; commands report it themselves.
  client.on("error", (error: unknown) => {
    problem = error;
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(problem), connectMs);
  });
  try {
    await Promise.race([client.connect(), late]);
    return client;
  } catch (error) {
    client.destroy();
    const { message, code } = error as { message?: string; code?: string };
    const why = message || code || String(error);
    throw new DatabaseError("CACHE_UNAVAILABLE", `The cache in Redis cannot be reached (${why}): check REDIS_URL.`, {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
  }
}
