/** What other modules write into and read from. */
import { setTimeout as sleep } from "node:timers/promises";
import { moduleSchema, newId } from "@tessera/database";
import { defineEvent } from "@tessera/shared-types";
import { text, uuid } from "drizzle-orm/pg-core";
import { z } from "zod";
import { type Context, defineSubgraph } from "../../src/index.js";

const { tenantTable } = moduleSchema("ledger");
const entries = tenantTable("entry", {
  id: uuid("id").primaryKey(),
  text: text("text").notNull(),
  writtenBy: uuid("written_by").notNull(),
});

export const entryAdded = defineEvent("ledger.entry.added", 1, z.object({ text: z.string() }));

async function addEntry(context: Context, words: string) {
  const row = { id: newId(), text: words, writtenBy: context.actor?.id ?? "" };
  await context.transaction(async (tx) => {
    await tx.insert(entries).values(row);
    tx.publish(entryAdded, { aggregateId: row.id, payload: { text: words } });
  });
  return row;
}

export default defineSubgraph({
  name: "ledger",
  suite: "sample",
  root: new URL(".", import.meta.url),
  resolvers: {
    Query: {
      ledgerEntries: (_: unknown, __: unknown, context: Context) => context.db.select().from(entries),
      slowLedger: async (_: unknown, { milliseconds }: { milliseconds: number }) => {
        await sleep(milliseconds);
        return true;
      },
    },
    Mutation: {
      addLedgerEntry: (_: unknown, args: { text: string }, context: Context) => addEntry(context, args.text),
    },
  },
  tables: { entries },
  publishes: [entryAdded],
});
