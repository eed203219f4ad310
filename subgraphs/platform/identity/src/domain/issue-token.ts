/** Access tokens, once somebody has proved who they are. */
import type { Actor } from "@tessera/shared-types";
import type { Context } from "@tessera/subgraph";
import { organizationsById } from "../queries/organizations.js";
import { rolesByKey } from "../queries/roles.js";
import type { MembershipRow } from "../tables.js";
import { currentSigner } from "./signing-keys.js";

export interface IssuedToken {
  readonly token: string;
  readonly expiresAt: Date;
  readonly subjectId: string;
  readonly organizationId: string;
  readonly scopes: readonly string[];
}

export async function issueToken(ctx: Context, actor: Actor): Promise<IssuedToken> {
  const signer = await currentSigner(ctx);
  const { token, expiresAt } = await signer.sign(actor);
  return {
    token,
    expiresAt: new Date(expiresAt),
    subjectId: actor.id,
    organizationId: actor.tenantId,
    scopes: [...actor.scopes].sort(),
  };
}

/** The person at work in the membership's organization: roles become scopes, assigned projects and tier attributes. */
export async function actorOfMember(ctx: Context, membership: MembershipRow, sessionId?: string): Promise<Actor> {
  const { tenantId, userId: id, roleKeys: roles, assignedProjects: projects } = membership;
  const inside = ctx.as({ tenantId, id });
  const [scopes, tier] = await Promise.all([scopesOfKeys(inside, roles), tierOf(inside)]);
  const session = sessionId === undefined ? {} : { sessionId };
  return { kind: "user", id, tenantId, roles, scopes, attributes: { projects, tier }, ...session };
}

/** The subscription tier of the asker's organization, which decides how much it may ask; a change counts from the next token. */
export async function tierOf(ctx: Context): Promise<string[]> {
  const [organization] = await organizationsById(ctx.db, [ctx.tenantId]);
  return organization ? [organization.tier] : [];
}

/** Scopes of roles, built in or the organization's own. A role that is gone gives nothing. */
export async function scopesOfKeys(ctx: Context, keys: readonly string[]): Promise<Set<string>> {
  const roles = await rolesByKey(ctx.db, keys);
  return new Set(roles.flatMap((role) => role?.scopes ?? []));
}
