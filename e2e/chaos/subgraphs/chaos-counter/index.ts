/** Counts the changes of each key: whatever is handled twice or never shows. */
import { react } from "@tessera/events";
import { type Context, defineSubgraph } from "@tessera/subgraph";
import { sql } from "drizzle-orm";
import { type Moved, moved } from "../contracts.js";
import { patience, suffer } from "../misfortune.js";
import * as tables from "./tables.js";

export default defineSubgraph({
  name: "chaos-counter",
  suite: "chaos",
  root: new URL("..", import.meta.url),
  resolvers: { Query: { chaosCount: (_: unknown, _arguments: object, context: Context) => countAll(context) } },
  tables,
  reactions: [react(moved, (context: Context, change: Moved) => count(context, change), patience)],
});

function count(context: Context, change: Moved): Promise<void> {
  return context.transaction(async (tx) => {
    await tx.execute(sql`
      insert into chaos_counter.count as c (key, events, total) values (${change.key}, 1, ${change.amount}::int)
      on conflict (tenant_id, key) do update set events = c.events + 1, total = c.total + excluded.total`);
    await suffer("chaos-counter", change);
  });
}

async function countAll({ db }: Context): Promise<number> {
  const [row] = await db.execute<{ sum: number }>(sql`
    select coalesce(sum(events), 0)::int as sum from chaos_counter.count`);
  return row?.sum ?? 0;
}
