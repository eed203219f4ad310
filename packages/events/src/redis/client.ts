/** One Redis connection that comes back by itself. Without a connection a command fails at once instead of waiting. */
import { createClient } from "redis";
import { EventsError } from "../errors.js";

export type RedisClient = ReturnType<typeof newClient>;

function newClient(url: string) {
  return createClient({
    url,
    RESP: 2,
    disableOfflineQueue: true,
    socket: { connectTimeout: 5000, reconnectStrategy: (retries) => Math.min(50 * 2 ** retries, 1000) },
  });
}

/** `BUS_UNAVAILABLE` when the server does not answer within five seconds. */
export async function connect(url: string): Promise<RedisClient> {
  const client = newClient(url);
  let problem = "no answer";
  client.on("error", (error: Error & { code?: string }) => {
    problem = error.message || error.code || problem;
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new EventsError("BUS_UNAVAILABLE", { problem, setting: "REDIS_URL" })), 5000);
  });
  try {
    await Promise.race([client.connect(), late]);
    return client;
  } catch (error) {
    client.destroy();
    throw error instanceof EventsError
      ? error
      : new EventsError("BUS_UNAVAILABLE", { problem: String(error), setting: "REDIS_URL" }, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
