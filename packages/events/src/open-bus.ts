/** Chooses the driver. */
import type { Database } from "@tessera/database";
import type { Bus } from "./bus.js";
import { openPostgresBus } from "./postgres/bus.js";
import { openRedisBus } from "./redis/bus.js";

export interface BusOptions {
  readonly database: Pick<Database, "admin" | "identity">;
  /** With it Redis Streams carry events; without it PostgreSQL does. */
  readonly redisUrl?: string | undefined;
  /** With it Kafka carries events, whatever else is there: `host:9092,host:9092`, or an address with credentials. */
  readonly kafkaBrokers?: string | undefined;
  /** Separates installations that share one Redis or Kafka; default is derived from the identity of the database. */
  readonly namespace?: string;
}

/** Opens the driver the options ask for. Call `prepareEvents` first. `BUS_UNAVAILABLE` */
export async function openBus({ database, redisUrl, kafkaBrokers, namespace }: BusOptions): Promise<Bus> {
  if (kafkaBrokers) {
    // Its client takes half a second to load, which only those who use it should pay for.
    const { openKafkaBus } = await import("./kafka/bus.js");
    return openKafkaBus(kafkaBrokers, namespace ?? database.identity);
  }
  if (!redisUrl) return openPostgresBus(database.admin);
  return openRedisBus(redisUrl, namespace ?? database.identity);
}
