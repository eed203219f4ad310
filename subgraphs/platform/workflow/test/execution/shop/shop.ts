/** What workflows of the tests call: it writes down what it is told to do, and refuses what a test says it should. */
import { setTimeout as sleep } from "node:timers/promises";
import { moduleSchema } from "@tessera/database";
import { defineEvent } from "@tessera/shared-types";
import { type Context, defineErrors, defineSubgraph } from "@tessera/subgraph";
import { asc } from "drizzle-orm";
import { bigint, text } from "drizzle-orm/pg-core";
import { z } from "zod";

const { tenantTable } = moduleSchema("shop");
const effects = tenantTable("effect", {
  number: bigint("number", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
  name: text("name").notNull(),
  key: text("key"),
});

export const shopDone = defineEvent("shop.effect.done", 1, z.object({ name: z.string() }));
const errors = defineErrors("shop", { SHOP_REFUSED: "The shop refuses {name}.", DATABASE_BUSY: "The shop is busy." });

/** How often each name is still refused, for good or as something that passes. */
export const refusals = new Map<string, { times: number; code: keyof typeof errors }>();

async function carryOut(context: Context, { name, key = null }: { name: string; key?: string | null }) {
  const refusal = refusals.get(name);
  if (refusal && refusal.times > 0) {
    refusal.times -= 1;
    throw errors[refusal.code]({ name });
  }
  await context.transaction(async (tx) => {
    await tx.insert(effects).values({ name, key }).onConflictDoNothing();
    tx.publish(shopDone, { aggregateId: name, payload: { name } });
  });
  // Done, and nobody has been told yet.
  if (name.startsWith("slow")) await sleep(3_000);
  return { name };
}

export const shop = defineSubgraph({
  name: "shop",
  suite: "sample",
  root: new URL(".", import.meta.url),
  resolvers: {
    Query: {
      shopEffects: (_: unknown, __: unknown, { db }: Context) => db.select().from(effects).orderBy(asc(effects.number)),
    },
    Mutation: { shopDo: (_: unknown, args: { name: string }, context: Context) => carryOut(context, args) },
  },
  tables: { effects },
  publishes: [shopDone],
});
