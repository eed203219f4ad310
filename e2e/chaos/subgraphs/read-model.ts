/** The read model as tables and handlers, for the module that keeps it live and for the one that rebuilds it. */
import { moduleSchema } from "@tessera/database";
import type { Context } from "@tessera/subgraph";
import { eq, sql } from "drizzle-orm";
import { integer, text } from "drizzle-orm/pg-core";
import type { Moved } from "./contracts.js";
import { type Balance, noChange, withChange } from "./fold.js";

export function readModel(module: string) {
  const balances = moduleSchema(module).tenantTable("balance", {
    key: text("key").notNull(),
    version: integer("version").notNull(),
    balance: integer("balance").notNull(),
    checksum: text("checksum").notNull(),
  });
  return {
    tables: { balances },
    /** Reads, computes, writes: two handlers at once for one key would show. */
    take: (context: Context, change: Moved): Promise<Balance> =>
      context.transaction(async (tx) => {
        const [before] = await tx.select().from(balances).where(eq(balances.key, change.key));
        const after = withChange(before ?? noChange, change);
        if (before)
          await tx
            .update(balances)
            .set({ ...after })
            .where(eq(balances.key, change.key));
        else await tx.insert(balances).values({ key: change.key, ...after });
        return after;
      }),
    countKeys: async ({ db }: Context): Promise<number> => {
      const [row] = await db.select({ count: sql<number>`count(*)::int` }).from(balances);
      return row?.count ?? 0;
    },
  };
}
