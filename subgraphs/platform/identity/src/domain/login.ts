import type { Context } from "@tessera/subgraph";
import { errors } from "../errors.js";
import { ownMemberships } from "../queries/memberships.js";
import type { MembershipRow } from "../tables.js";
import type { IssuedToken } from "./issue-token.js";
import { openSession } from "./open-session.js";
import { provePassword } from "./prove-password.js";

export interface LoginInput {
  readonly email: string;
  readonly password: string;
  readonly organizationId?: string | null | undefined;
}

/**
 * Opens a session in the named organization, else in the one joined first.
 * @throws INVALID_CREDENTIALS, LOGIN_LOCKED, LOGIN_BUSY, NO_MEMBERSHIP
 */
export async function login(ctx: Context, { email, password, organizationId }: LoginInput): Promise<IssuedToken> {
  const { user } = await provePassword(ctx, email.trim().toLowerCase(), password);
  return openSession(ctx, await membershipOf(ctx, user.id, organizationId ?? null));
}

/** @throws NO_MEMBERSHIP, the same for an organization that does not exist. */
export async function membershipOf(
  ctx: Context,
  userId: string,
  organizationId: string | null,
): Promise<MembershipRow> {
  const memberships = await ownMemberships(ctx.withoutTenant(userId).db, userId);
  const wanted = organizationId?.toLowerCase() ?? memberships[0]?.tenantId;
  const membership = memberships.find(({ tenantId }) => tenantId === wanted);
  if (!membership) throw errors.NO_MEMBERSHIP();
  return membership;
}
