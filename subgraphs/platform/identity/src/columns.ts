/** Column types and settings the tables share. */
import { sql } from "drizzle-orm";
import { text, timestamp } from "drizzle-orm/pg-core";

/** A moment in UTC. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });

export const emptyTexts = (name: string) => text(name).array().notNull().default(sql`'{}'::text[]`);

/** The organization and the person the running transaction works for; null outside of any. */
export const currentOrganization = sql`nullif(current_setting('tessera.tenant', true), '')::uuid`;
export const currentPerson = sql`nullif(current_setting('tessera.user', true), '')::uuid`;
