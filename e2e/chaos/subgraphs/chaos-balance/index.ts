/** The live read model: one row per key, and an event about each change it has taken in. */
import { react } from "@tessera/events";
import { type Context, defineSubgraph } from "@tessera/subgraph";
import { balanced, type Moved, moved } from "../contracts.js";
import { patience, suffer } from "../misfortune.js";
import { readModel } from "../read-model.js";

const { tables, take, countKeys } = readModel("chaos-balance");

export default defineSubgraph({
  name: "chaos-balance",
  suite: "chaos",
  root: new URL("..", import.meta.url),
  resolvers: { Query: { chaosBalanceKeys: (_: unknown, _arguments: object, context: Context) => countKeys(context) } },
  tables,
  publishes: [balanced],
  reactions: [react(moved, (context: Context, change: Moved) => follow(context, change), patience)],
});

function follow(context: Context, change: Moved): Promise<void> {
  const { mutationId, key, version } = change;
  return context.transaction(async (tx) => {
    const { balance } = await take(context, change);
    tx.publish(balanced, { aggregateId: key, payload: { mutationId, key, version, balance } });
    await suffer("chaos-balance", change);
  });
}
