import { newId } from "@tessera/database";
import { platformEvents } from "@tessera/shared-types";
import type { Context } from "@tessera/subgraph";
import { errors } from "../errors.js";
import { insertInvitation, revokeInvitationRow } from "../queries/invitations.js";
import { membershipsByUser } from "../queries/memberships.js";
import { settingsById } from "../queries/organizations.js";
import { personByEmail } from "../queries/people.js";
import type { InvitationRow } from "../tables.js";
import { grantableRoles } from "./grants.js";
import { requireActor } from "./require-person.js";
import { createTenantSecret } from "./tenant-secret.js";
import { emailValue } from "./value-rules.js";

export interface InvitationInput {
  readonly email: string;
  readonly roles: readonly string[];
  /** The id somebody new will get; decided here unless given. */
  readonly userId?: string;
}

export interface InvitationWithToken {
  readonly invitation: InvitationRow;
  readonly token: string;
}

const dayMs = 24 * 3_600_000;

/**
 * Offers a membership with roles the inviter could give. The token is shown once, to hand on to the invited person.
 * @throws ALREADY_MEMBER, ALREADY_INVITED, ROLE_UNKNOWN, EXCEEDS_OWN_SCOPES
 */
export async function inviteMember(ctx: Context, input: InvitationInput): Promise<InvitationWithToken> {
  ctx.require("identity:write");
  const { id: invitedBy, ...actor } = requireActor(ctx);
  const email = emailValue(input.email);
  const known = await personByEmail(ctx.withoutTenant().db, email);
  const userId = known?.user.id ?? input.userId ?? newId();
  const { secret: token, hash: tokenHash } = createTenantSecret("tsi_", ctx.tenantId);
  const createdAt = ctx.now();
  const expiresAt = new Date(createdAt.getTime() + (await invitationDays(ctx)) * dayMs);
  const invitation = await ctx.transaction(async (tx) => {
    const roleKeys = (await grantableRoles(tx, actor, input.roles)).map((role) => role.key);
    if ((await membershipsByUser(tx, [userId]))[0]) throw errors.ALREADY_MEMBER({ email });
    const row = { id: newId(), email, userId, roleKeys, tokenHash, invitedBy, createdAt, expiresAt };
    const written = await insertInvitation(tx, row);
    if (!written) throw errors.ALREADY_INVITED({ email });
    const payload = { organizationId: ctx.tenantId, userId, change: "invited" as const, roles: roleKeys };
    tx.publish(platformEvents.memberChanged, { aggregateId: userId, payload });
    return written;
  });
  return { invitation, token };
}

async function invitationDays(ctx: Context): Promise<number> {
  const [settings] = await settingsById(ctx.db, [ctx.tenantId]);
  return settings?.invitationDays ?? 7;
}

/** @throws NOT_FOUND for an invitation that was answered or revoked before. */
export async function revokeInvitation(ctx: Context, id: string): Promise<boolean> {
  ctx.require("identity:write");
  const revoked = await ctx.transaction((tx) => revokeInvitationRow(tx, id, ctx.now()));
  if (!revoked) throw errors.NOT_FOUND({ what: "open invitation", id });
  return true;
}
