import type { Database } from "../contract.js";
import type { Cache } from "./contract.js";
import { PatientCache } from "./patient-cache.js";
import { openPostgresCache } from "./postgres-cache.js";
import { openRedisCache } from "./redis-cache.js";

/**
 * Opens the cache: in Redis when `redisUrl` is given, in PostgreSQL with a small layer in this process otherwise. Databases
 * that share one Redis do not see each other's values.
 *
 * @throws DatabaseError CACHE_UNAVAILABLE when Redis does not answer within five seconds.
 */
export async function openCache({ database, redisUrl }: { database: Database; redisUrl?: string }): Promise<Cache> {
  return new PatientCache(await (redisUrl ? openRedisCache(redisUrl, database.identity) : openPostgresCache(database)));
}
