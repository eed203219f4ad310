import { listApiKeys } from "../domain/api-keys.js";
import { allScopes } from "../domain/built-in-roles.js";
import { listSessions } from "../domain/end-session.js";
import { organizationContext } from "../domain/organization-context.js";
import { exportPersonalData } from "../domain/personal-data.js";
import { jsonWebKeySet } from "../domain/signing-keys.js";
import { userPermissions } from "../domain/user-permissions.js";
import type { QueryResolvers } from "../generated/types.js";
import { openInvitations } from "../queries/invitations.js";
import { listServiceAccounts } from "../queries/keys.js";
import { organizationsById } from "../queries/organizations.js";
import { peopleOfOrganization, usersById } from "../queries/people.js";
import { allRoles } from "../queries/roles.js";

export const Query: QueryResolvers = {
  me: (_, _args, ctx) => (ctx.actor?.kind === "user" ? ctx.load(usersById, ctx.actor.id) : null),
  organization: (_, { id }, ctx) => ctx.load(organizationsById, id),
  organizationContext: (_, _args, ctx) => organizationContext(ctx),
  users: (_, { search, ...page }, ctx) => peopleOfOrganization(ctx.db, page, search ?? null),
  user: (_, { id }, ctx) => ctx.load(usersById, id),
  userPermissions: (_, { userId }, ctx) => userPermissions(ctx, userId),
  roles: (_, _args, ctx) => allRoles(ctx.db),
  permissions: () => [...allScopes],
  sessions: (_, { userId }, ctx) => listSessions(ctx, userId ?? null),
  apiKeys: (_, _args, ctx) => listApiKeys(ctx),
  serviceAccounts: (_, _args, ctx) => listServiceAccounts(ctx.db),
  invitations: (_, _args, ctx) => openInvitations(ctx.db, ctx.now()),
  jsonWebKeySet: (_, _args, ctx) => jsonWebKeySet(ctx),
  exportPersonalData: (_, { userId }, ctx) => exportPersonalData(ctx, userId),
};
