/** A cache shared by all processes. */
import type { Database } from "./contract.js";

export interface Cache {
  /** The value stored under `key`, or undefined. Values are JSON. */
  get<T>(key: string): Promise<T | undefined>;
  set(key: string, value: unknown, ttlSeconds: number): Promise<void>;
  delete(key: string): Promise<void>;
  deletePrefix(prefix: string): Promise<void>;
  close(): Promise<void>;
}

/** Opens the cache: in Redis when `redisUrl` is given, in PostgreSQL otherwise. */
export async function openCache(_options: { database: Database; redisUrl?: string }): Promise<Cache> {
  throw new Error("openCache is not written yet");
}
