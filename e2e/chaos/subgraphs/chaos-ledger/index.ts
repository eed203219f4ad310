/** Where the writers write: the only module of the run whose changes come from outside. */
import { type Context, defineErrors, defineSubgraph, type Transaction } from "@tessera/subgraph";
import { sql } from "drizzle-orm";
import { moved } from "../contracts.js";
import * as tables from "./tables.js";

interface Recording {
  readonly id: string;
  readonly movements: readonly { readonly key: string; readonly amount: number }[];
  readonly doomed: boolean;
}

const errors = defineErrors("chaos-ledger", { CHAOS_REFUSED: "Mutation {id} was doomed from the start." });

export default defineSubgraph({
  name: "chaos-ledger",
  suite: "chaos",
  root: new URL("..", import.meta.url),
  resolvers: {
    Mutation: { recordMovements: (_: unknown, input: Recording, context: Context) => record(context, input) },
  },
  tables,
  publishes: [moved],
});

function record(context: Context, { id, movements, doomed }: Recording) {
  return context.transaction(async (tx) => {
    const isNew = await claim(tx, id);
    // One order for everybody, so that no two mutations wait for each other.
    const ordered = isNew ? [...movements].sort((a, b) => (a.key < b.key ? -1 : 1)) : [];
    for (const { key, amount } of ordered) {
      const version = await move(tx, id, { key, amount });
      tx.publish(moved, { aggregateId: key, payload: { mutationId: id, key, version, amount } });
    }
    if (doomed) throw errors.CHAOS_REFUSED({ id });
    return { id, isNew };
  });
}

/** A second attempt waits here for the first one to end. */
async function claim(tx: Transaction, id: string): Promise<boolean> {
  const rows = await tx.execute(sql`
    insert into chaos_ledger.mutation (id) values (${id}::uuid) on conflict do nothing returning id`);
  return rows.length > 0;
}

async function move(tx: Transaction, id: string, { key, amount }: Recording["movements"][number]): Promise<number> {
  const [row] = await tx.execute<{ version: number }>(sql`
    with counted as (
      insert into chaos_ledger.key as k (key, version) values (${key}, 1)
      on conflict (tenant_id, key) do update set version = k.version + 1 returning version
    )
    insert into chaos_ledger.movement (mutation_id, key, version, amount)
    select ${id}::uuid, ${key}, version, ${amount}::int from counted returning version`);
  return row?.version ?? 0;
}
