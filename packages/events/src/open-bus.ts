/** Chooses the driver. */
import { createHash } from "node:crypto";
import type { Database } from "@tessera/database";
import type postgres from "postgres";
import type { Bus } from "./bus.js";
import { openPostgresBus } from "./postgres/bus.js";
import { openRedisBus } from "./redis/bus.js";

export interface BusOptions {
  readonly database: Pick<Database, "admin">;
  /** With it Redis Streams carry events; without it PostgreSQL does. */
  readonly redisUrl?: string | undefined;
  /** Separates installations that share one Redis; default is derived from the identity of the database. */
  readonly namespace?: string;
}

/** Opens the driver the options ask for. Call `prepareEvents` first. `BUS_UNAVAILABLE` */
export async function openBus({ database, redisUrl, namespace }: BusOptions): Promise<Bus> {
  if (!redisUrl) return openPostgresBus(database.admin);
  return openRedisBus(redisUrl, namespace ?? (await identityOf(database.admin)));
}

/** Every process of an installation derives the same; a clone of its database derives another. */
async function identityOf(sql: postgres.Sql): Promise<string> {
  const [row] = await sql<{ identity: string }[]>`
    select (select system_identifier from pg_control_system()) || '/' || oid as identity
    from pg_database where datname = current_database()`;
  return createHash("sha256").update(String(row?.identity)).digest("hex").slice(0, 12);
}
