import { moduleSchema } from "@tessera/database";
import { bigint, integer, text, uuid } from "drizzle-orm/pg-core";

/** Nothing is unique here: what is handled twice stands here twice. */
export const entries = moduleSchema("chaos-journal").tenantTable("entry", {
  position: bigint("position", { mode: "number" }).generatedAlwaysAsIdentity().notNull(),
  kind: text("kind").notNull(),
  key: text("key").notNull(),
  version: integer("version").notNull(),
  mutationId: uuid("mutation_id").notNull(),
});
