/** Whether somebody works in the organization. Identity knows, and is asked through the supergraph. */
import type { Context } from "@tessera/subgraph";
import { errors } from "../errors.js";
import { askGraph, asModule, batchesOf } from "../execution/ask-graph.js";

/** As many fields as the router takes in one operation. */
const mostAtOnce = 50;

/**
 * Call it outside of a transaction, which would wait for the answer. The module asks in its own name: who hands over a
 * task need not be allowed to read the list of members.
 *
 * @throws PERSON_UNKNOWN naming the first who does not work here; GRAPH_… when identity cannot be asked
 */
export async function checkMembers(ctx: Context, ids: readonly string[]): Promise<void> {
  const known = await membersAmong(ctx, ids);
  const id = ids.find((each) => !known.has(each));
  if (id !== undefined) throw errors.PERSON_UNKNOWN({ id });
}

/** Those of them who work here. Asks nobody about nobody. */
export async function membersAmong(ctx: Context, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const batches = batchesOf([...new Set(ids)], mostAtOnce);
  return new Set((await Promise.all(batches.map((batch) => askAbout(ctx, batch)))).flat());
}

type Answer = Readonly<Record<string, { readonly membership: object | null } | null>>;

async function askAbout(ctx: Context, ids: readonly string[]): Promise<string[]> {
  const declared = ids.map((_, index) => `$u${index}: ID!`).join(", ");
  const fields = ids.map((_, index) => `u${index}: user(id: $u${index}) { membership { id } }`).join(" ");
  const variables = Object.fromEntries(ids.map((id, index) => [`u${index}`, id]));
  const query = `query Members(${declared}) { ${fields} }`;
  const people = (await askGraph(asModule(ctx), { query, variables, scopes: ["identity:read"] })) as Answer;
  return ids.filter((_, index) => people[`u${index}`]?.membership);
}
