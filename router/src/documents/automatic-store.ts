/** Texts that clients registered under their hashes: a bounded part of this process, and Redis behind it if asked for. */
import { createHash } from "node:crypto";
import type { Log } from "@tessera/telemetry";
import { LRUCache } from "lru-cache";
import { openRedis, type RedisClient } from "../protection/open-redis.js";

export interface AutomaticStore {
  /** At once when this process has it. */
  get(hash: string): string | undefined | Promise<string | undefined>;
  put(hash: string, text: string): void;
  close(): void;
}

const mostCharacters = 10_000_000;
/** Longer texts are run but not kept. */
const longestKept = 200_000;

/** The least recently used are forgotten first. */
export function createMemoryTexts(most = mostCharacters) {
  const texts = new LRUCache<string, string>({
    maxSize: most,
    maxEntrySize: longestKept,
    sizeCalculation: (text) => text.length || 1,
  });
  return {
    get: (hash: string): string | undefined => texts.get(hash),
    put(hash: string, text: string): void {
      texts.set(hash, text);
    },
  };
}

export interface AutomaticStoreOptions {
  /** Of a Redis that all routers share. Default: each router has its own. */
  readonly redisUrl?: string;
  /** Seconds for which Redis keeps a text that nobody registers again. Default a day. */
  readonly ttlSeconds?: number;
}

export function createAutomaticStore(
  { redisUrl, ttlSeconds = 86_400 }: AutomaticStoreOptions,
  log: Log,
): AutomaticStore {
  const near = createMemoryTexts();
  if (redisUrl === undefined) return { ...near, close() {} };
  const client = openRedis(redisUrl);
  return {
    get: (hash) => near.get(hash) ?? fetched(client, hash, near.put, log),
    put(hash, text) {
      near.put(hash, text);
      if (text.length > longestKept) return;
      client.set(keyOf(hash), text, { expiration: { type: "EX", value: ttlSeconds } }).catch((error: unknown) => {
        log.warn({ err: error }, "a registered operation could not be shared");
      });
    },
    close: () => client.destroy(),
  };
}

export function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

const keyOf = (hash: string): string => `tessera:apq:${hash}`;

/** While Redis is away nothing is found, and the client sends the text. */
async function fetched(
  client: RedisClient,
  hash: string,
  keep: (hash: string, text: string) => void,
  log: Log,
): Promise<string | undefined> {
  try {
    const text = await client.get(keyOf(hash));
    if (text === null || sha256(text) !== hash) return undefined;
    keep(hash, text);
    return text;
  } catch (error) {
    log.warn({ err: error }, "registered operations could not be looked up");
    return undefined;
  }
}
