import { acceptInvitation } from "../domain/accept-invitation.js";
import { createApiKey, exchangeApiKey, revokeApiKey } from "../domain/api-keys.js";
import { assignProjects, changeMemberRoles, leaveOrganization, removeMember } from "../domain/change-member.js";
import { changePassword } from "../domain/change-password.js";
import { createRole, deleteRole, updateRole } from "../domain/custom-roles.js";
import { logout, revokeSession } from "../domain/end-session.js";
import { createOrganization, registerFirstOrganization } from "../domain/found-organization.js";
import { inviteMember, revokeInvitation } from "../domain/invite-member.js";
import { login } from "../domain/login.js";
import { erasePerson } from "../domain/personal-data.js";
import { refreshSession } from "../domain/refresh-session.js";
import { requestPasswordReset, resetPassword } from "../domain/reset-password.js";
import { createServiceAccount, disableServiceAccount } from "../domain/service-accounts.js";
import { rotateSigningKeys } from "../domain/signing-keys.js";
import { switchOrganization } from "../domain/switch-organization.js";
import { updateOrganization, updateOrganizationSettings } from "../domain/update-organization.js";
import { updateProfile } from "../domain/update-profile.js";
import type { MutationResolvers } from "../generated/types.js";

export const Mutation: MutationResolvers = {
  login: (_, input, ctx) => login(ctx, input),
  refreshSession: (_, _args, ctx) => refreshSession(ctx),
  logout: (_, _args, ctx) => logout(ctx),
  exchangeApiKey: (_, { key }, ctx) => exchangeApiKey(ctx, key),
  requestPasswordReset: (_, { email }, ctx) => requestPasswordReset(ctx, email),
  resetPassword: (_, { token, newPassword }, ctx) => resetPassword(ctx, token, newPassword),
  acceptInvitation: (_, acceptance, ctx) => acceptInvitation(ctx, acceptance),
  registerFirstOrganization: (_, { input, owner }, ctx) => registerFirstOrganization(ctx, input, owner),

  switchOrganization: (_, { organizationId }, ctx) => switchOrganization(ctx, organizationId),
  changePassword: (_, input, ctx) => changePassword(ctx, input),
  updateProfile: (_, input, ctx) => updateProfile(ctx, input),
  revokeSession: (_, { id }, ctx) => revokeSession(ctx, id),
  createOrganization: (_, { input }, ctx) => createOrganization(ctx, input),
  leaveOrganization: (_, _args, ctx) => leaveOrganization(ctx),
  erasePerson: (_, { userId }, ctx) => erasePerson(ctx, userId),

  updateOrganization: (_, { input }, ctx) => updateOrganization(ctx, input),
  updateOrganizationSettings: (_, { input }, ctx) => updateOrganizationSettings(ctx, input),

  inviteMember: (_, input, ctx) => inviteMember(ctx, input),
  revokeInvitation: (_, { id }, ctx) => revokeInvitation(ctx, id),
  changeMemberRoles: (_, { userId, roles }, ctx) => changeMemberRoles(ctx, userId, roles),
  assignProjects: (_, { userId, projectIds }, ctx) => assignProjects(ctx, userId, projectIds),
  removeMember: (_, { userId }, ctx) => removeMember(ctx, userId),

  createRole: (_, { input }, ctx) => createRole(ctx, input),
  updateRole: (_, { id, input }, ctx) => updateRole(ctx, id, input),
  deleteRole: (_, { id }, ctx) => deleteRole(ctx, id),

  createServiceAccount: (_, { input }, ctx) => createServiceAccount(ctx, input),
  disableServiceAccount: (_, { id }, ctx) => disableServiceAccount(ctx, id),
  createApiKey: (_, { input }, ctx) => createApiKey(ctx, input),
  revokeApiKey: (_, { id }, ctx) => revokeApiKey(ctx, id),
  rotateSigningKeys: (_, { revoke }, ctx) => rotateSigningKeys(ctx, { revoke }),
};
