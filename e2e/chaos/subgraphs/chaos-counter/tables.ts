import { moduleSchema } from "@tessera/database";
import { bigint, integer, text } from "drizzle-orm/pg-core";

export const counts = moduleSchema("chaos-counter").tenantTable("count", {
  key: text("key").notNull(),
  events: integer("events").notNull(),
  total: bigint("total", { mode: "number" }).notNull(),
});
