/** How each entity is read by id when another module refers to it. Ids the asker may not see give null. */
import { permissionsById } from "./domain/built-in-roles.js";
import { invitationsById } from "./queries/invitations.js";
import { apiKeysById, serviceAccountsById } from "./queries/keys.js";
import { membershipsById } from "./queries/memberships.js";
import { organizationsById, settingsById } from "./queries/organizations.js";
import { usersById } from "./queries/people.js";
import { rolesById } from "./queries/roles.js";
import { sessionsById } from "./queries/sessions.js";

export const entities = {
  Organization: organizationsById,
  OrganizationSettings: settingsById,
  User: usersById,
  Membership: membershipsById,
  Role: rolesById,
  Permission: permissionsById,
  Session: sessionsById,
  ApiKey: apiKeysById,
  ServiceAccount: serviceAccountsById,
  Invitation: invitationsById,
};
