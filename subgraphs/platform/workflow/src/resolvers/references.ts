/** References to what other modules own, and what is said in the same way about several types. */
import type { Context } from "@tessera/subgraph";
import type { Who } from "../domain/who.js";

/** Person of an id; identity knows the rest. */
export const userOf = (id: string | null) => (id === null ? null : { id });

/** Who asks, where services may ask as well. */
export function whoAsks({ actor }: Context): Who | null {
  if (actor?.kind !== "user") return null;
  return { id: actor.id, roles: actor.roles, administers: actor.scopes.has("workflow:admin") };
}

/** Whether it was, or is, not done when it was due. */
export const isOverdue = ({ dueAt }: { readonly dueAt: Date | null }, done: Date) => dueAt !== null && dueAt < done;
