/** Modules that ask the supergraph: for whoever asks them, and by themselves when something happens. */
import { react } from "@tessera/events";
import { type Context, defineSubgraph, type GraphOperation } from "../../src/index.js";
import { entryAdded } from "../ledger/ledger.js";

const resolvers = {
  Query: { asked: (_: unknown, operation: GraphOperation, context: Context) => context.graph.execute(operation) },
};
const root = new URL(".", import.meta.url);

/** Codes of what was refused while it answered itself. */
export const refusals: string[] = [];

/** Answers "echo" with "echo", and so for ever. */
const answerItself = react(entryAdded, async (context: Context, { text }) => {
  if (text !== "echo") return;
  const query = 'mutation { addLedgerEntry(text: "echo") { text } }';
  const answered = context.graph.execute({ query, scopes: ["ledger:write"] });
  await answered.catch((error: { code: string }) => refusals.push(error.code));
});

export const caller = defineSubgraph({
  name: "caller",
  suite: "sample",
  root,
  resolvers,
  operates: ["graph"],
  reactions: [answerItself],
});

/** The same without a word about it in its definition. */
export const silent = defineSubgraph({ name: "caller", suite: "sample", root, resolvers });
