/** Whose data an answer shows: equal for requests of one actor with the same rights, whatever token they came with. */
import type { Actor } from "@tessera/shared-types";
import type { RequestContext } from "./request-context.js";

const known = new WeakMap<Actor, string>();

export function actorRights({ facts: { actor } }: RequestContext): string {
  if (!actor) return "";
  const rights = known.get(actor) ?? rightsOf(actor);
  known.set(actor, rights);
  return rights;
}

function rightsOf({ kind, id, tenantId, scopes, roles, attributes }: Actor): string {
  return JSON.stringify([tenantId, kind, id, [...scopes].sort(), [...roles].sort(), attributes]);
}
