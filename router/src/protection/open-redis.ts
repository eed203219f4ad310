/** A Redis client whose commands fail at once while there is no connection, and which connects again by itself. */
import { largePackages } from "../large-packages.js";

export type RedisClient = ReturnType<typeof newClient>;

const connectMs = 5_000;

function newClient(url: string) {
  return largePackages.redis().createClient({
    url,
    disableOfflineQueue: true,
    socket: { connectTimeout: connectMs, reconnectStrategy: (retries) => Math.min(50 * 2 ** retries, 1_000) },
  });
}

/** Connects in the background. */
export function openRedis(url: string): RedisClient {
  const client = newClient(url);
  // Without a listener a lost connection would end the process; commands report it themselves.
  client.on("error", () => {});
  client.connect().catch(() => {});
  return client;
}
