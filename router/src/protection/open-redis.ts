/** A Redis client whose commands fail at once while there is no connection, and which connects again by itself. */
import { largePackages } from "../large-packages.js";

export type RedisClient = ReturnType<typeof createRedisClient>;

const connectMs = 5_000;

/** Not connected yet. Without a listener a lost connection would end the process, so somebody has to hear of it. */
export function createRedisClient(url: string, onError: (error: unknown) => void, longestPauseMs = 1_000) {
  const client = largePackages.redis().createClient({
    url,
    disableOfflineQueue: true,
    socket: { connectTimeout: connectMs, reconnectStrategy: (retries) => Math.min(50 * 2 ** retries, longestPauseMs) },
  });
  client.on("error", onError);
  return client;
}

/** Connects in the background. */
export function openRedis(url: string): RedisClient {
  // Commands report what fails.
  const client = createRedisClient(url, () => {});
  client.connect().catch(() => {});
  return client;
}
