import type { Database } from "@tessera/database";
import type { Bus } from "./bus.js";

export interface BusOptions {
  readonly database: Database;
  /** With it Redis Streams carry events; without it PostgreSQL does. */
  readonly redisUrl?: string | undefined;
  /** Separates installations that share one Redis; default is derived from the identity of the database. */
  readonly namespace?: string;
}

/** Opens the driver the options ask for. Call `prepareEvents` first. `BUS_UNAVAILABLE` */
export async function openBus(_options: BusOptions): Promise<Bus> {
  throw new Error("pending");
}
