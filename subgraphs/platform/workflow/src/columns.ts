/** Columns that several tables have. */
import { newId } from "@tessera/database";
import { timestamp, uuid } from "drizzle-orm/pg-core";

export const id = () => uuid("id").primaryKey().$defaultFn(newId);
export const moment = (name: string) => timestamp(name, { withTimezone: true });
