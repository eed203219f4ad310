/** Writes down what it hears in the order it hears it, of the ledger and of the read model that reacts to the ledger. */
import { react } from "@tessera/events";
import { type Context, defineSubgraph } from "@tessera/subgraph";
import { sql } from "drizzle-orm";
import { type Balanced, balanced, type Moved, moved } from "../contracts.js";
import { patience, suffer } from "../misfortune.js";
import * as tables from "./tables.js";

export default defineSubgraph({
  name: "chaos-journal",
  suite: "chaos",
  root: new URL("..", import.meta.url),
  resolvers: { Query: { chaosEntries: (_: unknown, _arguments: object, context: Context) => countAll(context) } },
  tables,
  reactions: [
    react(moved, (context: Context, change: Moved) => write(context, "moved", change), patience),
    react(balanced, (context: Context, change: Balanced) => write(context, "balanced", change), patience),
  ],
});

type Entry = Pick<Moved, "key" | "version" | "mutationId">;

function write(context: Context, kind: string, { key, version, mutationId }: Entry): Promise<void> {
  return context.transaction(async (tx) => {
    await tx.execute(sql`
      insert into chaos_journal.entry (kind, key, version, mutation_id)
      values (${kind}, ${key}, ${version}::int, ${mutationId}::uuid)`);
    await suffer(`chaos-journal ${kind}`, { key, mutationId });
  });
}

async function countAll({ db }: Context): Promise<number> {
  const [row] = await db.execute<{ count: number }>(sql`select count(*)::int from chaos_journal.entry`);
  return row?.count ?? 0;
}
