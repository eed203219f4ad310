import { sql } from "drizzle-orm";
import { numeric, text, timestamp, uuid } from "drizzle-orm/pg-core";
import { moduleSchema } from "../../../src/index.js";

const trees = moduleSchema("trees");

export const plantedTrees = trees.tenantTable("planted_trees", {
  id: uuid("id").primaryKey(),
  name: text("name").notNull(),
  height: numeric("height", { precision: 38, scale: 9 }),
  plantedAt: timestamp("planted_at", { withTimezone: true, mode: "string" }).notNull().default(sql`now()`),
});

export const keepers = trees.tenantTable(
  "keepers",
  { id: uuid("id").primaryKey(), userId: uuid("user_id").notNull(), name: text("name").notNull().unique() },
  undefined,
  { alsoVisible: sql`user_id = nullif(current_setting('tessera.user', true), '')::uuid` },
);

export const species = trees.sharedTable("species", { id: uuid("id").primaryKey(), latin: text("latin").notNull() });

export const nurseries = trees.globalTable("nurseries", { id: uuid("id").primaryKey(), name: text("name").notNull() });
