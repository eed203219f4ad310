/** Asks the supergraph, all or nothing: an error anywhere fails the operation. */
import { type Context, depthAttributes, depthOf, type GraphOperation } from "@tessera/subgraph";
import { errors } from "../errors.js";

/** @throws the first error with its own code, or GRAPH_… when nothing could be asked */
export async function askGraph(context: Context, operation: GraphOperation): Promise<unknown> {
  const { data, errors: refused } = await context.graph.execute(operation);
  const [first] = refused ?? [];
  if (!first) return data;
  const code = typeof first.extensions?.code === "string" ? first.extensions.code : "OPERATION_FAILED";
  const details = { path: first.path ?? [], reason: first.message };
  throw Object.assign(errors.OPERATION_FAILED(details), { code });
}

/** The module itself, for what it needs to know whatever the person may see; as deep in the chain of automatic steps. */
export function asModule(ctx: Context): Context {
  return ctx.as({ tenantId: ctx.tenantId, attributes: depthAttributes(depthOf(ctx.actor)) });
}

/** Lists of this length at most, in the same order. */
export function batchesOf<Item>(items: readonly Item[], most: number): (readonly Item[])[] {
  const count = Math.ceil(items.length / most);
  return Array.from({ length: count }, (_, index) => items.slice(index * most, (index + 1) * most));
}
