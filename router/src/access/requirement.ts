/** What an actor needs in order to see one field or type. */
import { hasScopes } from "@tessera/access";
import type { Actor } from "@tessera/shared-types";

export interface Requirement {
  /** From `@requiresScopes`: any inner list of which the actor holds every scope. */
  readonly scopes?: readonly (readonly string[])[];
  /** From `@policy`: decided by the subgraph, which has the data; here an anonymous actor never passes. */
  readonly policies?: readonly (readonly string[])[];
}

/** Every requirement asks for an actor, also the empty one of `@authenticated`. */
export function allows(requirement: Requirement, actor: Actor | null): boolean {
  if (actor === null) return false;
  return requirement.scopes === undefined || hasScopes(actor, requirement.scopes);
}
