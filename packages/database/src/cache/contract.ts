/** What the platform expects of a cache, and what a driver has to bring for it. */

/**
 * A cache that all processes share. Losing it loses time only, so it never fails: while its server is away nothing is
 * found in it, and what was to be deleted is deleted as soon as the server is back.
 */
export interface Cache {
  /** The value stored under `key`, or undefined. Values are JSON. */
  get<T>(key: string): Promise<T | undefined>;
  /** `undefined` cannot be stored. A time to live of 0 or less stores nothing. */
  set(key: string, value: unknown, ttlSeconds: number): Promise<void>;
  delete(key: string): Promise<void>;
  deletePrefix(prefix: string): Promise<void>;
  close(): Promise<void>;
}

/** The same over one kind of server; rejects when that does not do its part. */
export type CacheDriver = Cache;
