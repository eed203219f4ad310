import type { Actor } from "@tessera/shared-types";
import type { Context } from "@tessera/subgraph";
import { errors } from "../errors.js";

export interface Person extends Actor {
  readonly sessionId: string;
}

/** @throws UNAUTHENTICATED when nobody is logged in. */
export function requireActor(ctx: Context): Actor {
  const { actor } = ctx;
  // Reading the tenant refuses an anonymous request with the kernel's own error.
  if (!actor) throw new Error(`An actor was expected in ${ctx.tenantId}.`);
  return actor;
}

/**
 * For what concerns the person beyond one organization, or would outlive a leaked key: an API key is not enough.
 * @throws SESSION_REQUIRED
 */
export function requirePerson(ctx: Context): Person {
  const actor = requireActor(ctx);
  if (!actsInPerson(actor) || actor.sessionId === undefined) throw errors.SESSION_REQUIRED();
  return { ...actor, sessionId: actor.sessionId };
}

/** Whether a person acts who logged in themselves. What a key of theirs does for them needs a scope. */
export function actsInPerson({ kind, sessionId }: Actor): boolean {
  return kind === "user" && sessionId !== undefined;
}

/** Stands in for a person where a tenant's rows are read before it is known who asks. */
export const nobody = "00000000-0000-0000-0000-000000000000";
