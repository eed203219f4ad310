/** One Redis connection that comes back by itself. Without a connection a command fails at once instead of waiting. */
import { createClient, createCluster } from "redis";
import { EventsError } from "../errors.js";

export type RedisClient = ReturnType<typeof newClient>;

const settings = {
  RESP: 2,
  disableOfflineQueue: true,
  socket: { connectTimeout: 5000, reconnectStrategy: (retries: number) => Math.min(50 * 2 ** retries, 1000) },
} as const;

const newClient = (url: string) => createClient({ url, ...settings });

/** Routes each command by its key to the node that has it; this driver never names keys of two slots in one command. */
function newCluster(url: string): RedisClient {
  const { username, password, protocol, hostname } = new URL(url);
  const tls = protocol === "rediss:" ? { tls: true, servername: hostname } : {};
  const { RESP, socket, ...rest } = settings;
  const cluster = createCluster({
    RESP,
    rootNodes: [{ url, ...rest, socket }],
    defaults: {
      ...rest,
      socket: { ...socket, ...tls },
      ...(username && { username: decodeURIComponent(username) }),
      ...(password && { password: decodeURIComponent(password) }),
    },
  });
  return cluster as unknown as RedisClient;
}

/** To the server, or to the whole cluster it belongs to. `BUS_UNAVAILABLE` when it does not answer within five seconds. */
export async function connect(url: string): Promise<RedisClient> {
  const client = await opened(newClient(url));
  try {
    if (!(await client.info("cluster")).includes("cluster_enabled:1")) return client;
  } catch (error) {
    client.destroy();
    throw unavailable(error);
  }
  client.destroy();
  return opened(newCluster(url));
}

async function opened(client: RedisClient): Promise<RedisClient> {
  let problem = "no answer";
  client.on("error", (error: Error & { code?: string }) => {
    problem = error.message || error.code || problem;
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unavailable(problem)), 5000);
  });
  try {
    await Promise.race([client.connect(), late]);
    return client;
  } catch (error) {
    client.destroy();
    throw unavailable(error);
  } finally {
    clearTimeout(timer);
  }
}

function unavailable(problem: unknown): EventsError {
  if (problem instanceof EventsError) return problem;
  return new EventsError("BUS_UNAVAILABLE", { problem: String(problem), setting: "REDIS_URL" }, { cause: problem });
}
