import type { Context } from "@tessera/subgraph";
import { errors } from "../errors.js";
import { moveSession } from "../queries/sessions.js";
import { actorOfMember, type IssuedToken, issueToken } from "./issue-token.js";
import { membershipOf } from "./login.js";
import { requirePerson } from "./require-person.js";

/**
 * A token for another organization of the same person. The session moves along, so that refreshing stays there.
 * @throws NO_MEMBERSHIP, SESSION_REQUIRED, SESSION_EXPIRED
 */
export async function switchOrganization(ctx: Context, organizationId: string): Promise<IssuedToken> {
  const { id, sessionId } = requirePerson(ctx);
  const membership = await membershipOf(ctx, id, organizationId);
  const moved = await ctx.transaction((tx) => moveSession(tx, sessionId, id, membership.tenantId));
  if (!moved) throw errors.SESSION_EXPIRED();
  return issueToken(ctx, await actorOfMember(ctx, membership, sessionId));
}
