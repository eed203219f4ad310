/** Fields of the types that are more than a column. */
import type { Context } from "@tessera/subgraph";
import type { RoleValue } from "../domain/built-in-roles.js";
import { organizationChoices } from "../domain/organization-choices.js";
import type {
  ApiKeyResolvers,
  InvitationResolvers,
  LoginResultResolvers,
  MembershipResolvers,
  OrganizationContextResolvers,
  OrganizationResolvers,
  PermissionResolvers,
  RoleResolvers,
  ServiceAccountResolvers,
  SessionResolvers,
  UserPermissionsResolvers,
  UserResolvers,
} from "../generated/types.js";
import { serviceAccountsById } from "../queries/keys.js";
import { membershipsByUser, membersOfOrganization } from "../queries/memberships.js";
import { organizationNames, organizationsById, settingsById } from "../queries/organizations.js";
import { usersById } from "../queries/people.js";
import { rolesByKey } from "../queries/roles.js";
import type { MembershipRow } from "../tables.js";
import { formerMember, missing } from "./missing.js";

async function rolesOf(ctx: Context, keys: readonly string[]): Promise<RoleValue[]> {
  const roles = await Promise.all(keys.map((key) => ctx.load(rolesByKey, key)));
  return roles.filter((role) => role !== null);
}

/** A membership of one's own may be in another organization, whose name and roles are to be read there. */
function inside(ctx: Context, { tenantId, userId: id }: MembershipRow): Context {
  return tenantId === ctx.tenantId ? ctx : ctx.as({ kind: "user", id, tenantId });
}

export const Organization: OrganizationResolvers = {
  settings: async ({ id }, _, ctx) => (await ctx.load(settingsById, id)) ?? missing("organization settings", id),
  members: (_, page, ctx) => membersOfOrganization(ctx.db, page),
};

export const OrganizationContext: OrganizationContextResolvers = {
  tier: ({ organization }) => organization.tier,
};

export const User: UserResolvers = {
  email: ({ email, current }) => (current ? email : null),
  locale: ({ locale, current }) => (current ? locale : null),
  membership: ({ id }, _, ctx) => ctx.load(membershipsByUser, id),
};

export const Membership: MembershipResolvers = {
  user: async ({ userId }, _, ctx) => (await ctx.load(usersById, userId)) ?? formerMember(userId),
  organizationId: ({ tenantId }) => tenantId,
  organizationName: async (membership, _, ctx) => {
    const { tenantId } = membership;
    return (await inside(ctx, membership).load(organizationNames, tenantId)) ?? missing("organization", tenantId);
  },
  organization: ({ tenantId }, _, ctx) => ctx.load(organizationsById, tenantId),
  roles: (membership, _, ctx) => rolesOf(inside(ctx, membership), membership.roleKeys),
};

export const LoginResult: LoginResultResolvers = {
  accessToken: ({ token }) => token,
  userId: ({ subjectId }) => subjectId,
  organizations: (issued, _, ctx) => organizationChoices(ctx, issued),
};

export const Role: RoleResolvers = {
  scopes: ({ scopes }) => [...scopes],
  permissions: ({ scopes }) => [...scopes],
};

export const Permission: PermissionResolvers = {
  id: (scope) => scope,
  module: (scope) => scope.slice(0, scope.indexOf(":")),
  action: (scope) => scope.slice(scope.indexOf(":") + 1),
};

export const Session: SessionResolvers = {
  current: ({ id }, _, ctx) => ctx.actor?.sessionId === id,
};

export const ApiKey: ApiKeyResolvers = {
  user: ({ userId }, _, ctx) => (userId === null ? null : ctx.load(usersById, userId)),
  serviceAccount: ({ serviceAccountId }, _, ctx) =>
    serviceAccountId === null ? null : ctx.load(serviceAccountsById, serviceAccountId),
};

export const ServiceAccount: ServiceAccountResolvers = {
  roles: ({ roleKeys }, _, ctx) => rolesOf(ctx, roleKeys),
};

export const Invitation: InvitationResolvers = {
  roles: ({ roleKeys }, _, ctx) => rolesOf(ctx, roleKeys),
  invitedBy: ({ invitedBy }, _, ctx) => ctx.load(usersById, invitedBy),
};

export const UserPermissions: UserPermissionsResolvers = {
  roles: ({ roles }) => [...roles],
  permissions: ({ permissions }) => [...permissions],
};
