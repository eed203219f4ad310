/** The same read model, built after everything is over: a consumer that is new gets every event the bus has stored. */
import { react } from "@tessera/events";
import { type Context, defineSubgraph } from "@tessera/subgraph";
import { type Moved, moved } from "../contracts.js";
import { readModel } from "../read-model.js";

const { tables, take, countKeys } = readModel("chaos-rebuilt");
const isTime = process.env.CHAOS_REBUILD === "yes";

export default defineSubgraph({
  name: "chaos-rebuilt",
  suite: "chaos",
  root: new URL("..", import.meta.url),
  resolvers: { Query: { chaosRebuiltKeys: (_: unknown, _arguments: object, context: Context) => countKeys(context) } },
  tables,
  reactions: isTime
    ? [react(moved, async (context: Context, change: Moved) => void (await take(context, change)))]
    : [],
});
