/** A running subscription in the supergraph that has taken the place of the one it was opened with. */
import { getVariableValues, print } from "graphql";
import type { Generation, Prepared } from "../supergraph/generation.js";
import type { Basis, Upstream } from "./upstream.js";

export interface PreparedAgain {
  readonly prepared: Prepared;
  readonly basis: Basis;
}

/** `null` when the operation, or its variables, are not valid there any more, or nothing of it may be seen. */
export async function prepareAgain(upstream: Upstream, generation: Generation): Promise<PreparedAgain | null> {
  const { operation } = upstream.prepared;
  const found = generation.operations.get(print(operation.document), operation.name);
  if ("errors" in found || found.refusal) return null;
  const definitions = found.operation.variableDefinitions ?? [];
  const { coerced: variables } = getVariableValues(generation.apiSchema, definitions, upstream.variables);
  if (!variables) return null;
  const again = await upstream.scoped(({ context }) =>
    generation.whileUsed(generation.prepareRunning(found, variables, context, true)),
  );
  if ("rejected" in again || !again.executable.source) return null;
  return { prepared: again, basis: { variables, call: generation.call } };
}

/** The subgraph would be asked for the same stream, over the same connection. */
export function isSameSource(
  { prepared: before, variables: given, connection }: Upstream,
  after: Prepared,
  variables: Basis["variables"],
): boolean {
  const [one, other] = [before.executable.source, after.executable.source];
  if (!one || !other || one.operation.subgraph !== other.operation.subgraph) return false;
  if (one.operation.text !== other.operation.text) return false;
  if (after.generation.connection(other.operation.subgraph) !== connection) return false;
  return JSON.stringify(one.variablesOf(given)) === JSON.stringify(other.variablesOf(variables));
}
