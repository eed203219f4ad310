import { moduleSchema } from "@tessera/database";
import { integer, text, uuid } from "drizzle-orm/pg-core";

const ledger = moduleSchema("chaos-ledger");

/** Which mutations were recorded: a client that lost its answer asks again with the same id. */
export const mutations = ledger.tenantTable("mutation", { id: uuid("id").notNull() });
/** The last version of each key. Its row is locked until the commit, so versions count commits. */
export const keys = ledger.tenantTable("key", { key: text("key").notNull(), version: integer("version").notNull() });
/** What the run is judged by: every change that was committed. */
export const movements = ledger.tenantTable("movement", {
  mutationId: uuid("mutation_id").notNull(),
  key: text("key").notNull(),
  version: integer("version").notNull(),
  amount: integer("amount").notNull(),
});
