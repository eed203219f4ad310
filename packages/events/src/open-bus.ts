/** Chooses the driver. */
import type { Database } from "@tessera/database";
import type { Bus } from "./bus.js";
import { openPostgresBus } from "./postgres/bus.js";
import { openRedisBus } from "./redis/bus.js";

export interface BusOptions {
  readonly database: Pick<Database, "admin" | "identity">;
  /** With it Redis Streams carry events; without it PostgreSQL does. */
  readonly redisUrl?: string | undefined;
  /** Separates installations that share one Redis; default is derived from the identity of the database. */
  readonly namespace?: string;
}

/** Opens the driver the options ask for. Call `prepareEvents` first. `BUS_UNAVAILABLE` */
export async function openBus({ database, redisUrl, namespace }: BusOptions): Promise<Bus> {
  if (!redisUrl) return openPostgresBus(database.admin);
  return openRedisBus(redisUrl, namespace ?? database.identity);
}
