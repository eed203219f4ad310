/** Which rows stand behind the GraphQL types; read by the code generator. */
import type { Connection } from "@tessera/database";
import type { RoleValue } from "./domain/built-in-roles.js";
import type { InvitationWithToken } from "./domain/invite-member.js";
import type { IssuedToken } from "./domain/issue-token.js";
import type { OrganizationContextValue } from "./domain/organization-context.js";
import type { UserPermissionsValue } from "./domain/user-permissions.js";
import type { PersonRow } from "./queries/people.js";
import type {
  ApiKeyRow,
  InvitationRow,
  MembershipRow,
  OrganizationRow,
  ServiceAccountRow,
  SessionRow,
  SettingsRow,
} from "./tables.js";

export type OrganizationMapper = OrganizationRow;
export type OrganizationSettingsMapper = SettingsRow;
export type UserMapper = PersonRow;
export type MembershipMapper = MembershipRow;
export type RoleMapper = RoleValue;
/** The scope. */
export type PermissionMapper = string;
export type SessionMapper = SessionRow;
export type ApiKeyMapper = ApiKeyRow;
export type ServiceAccountMapper = ServiceAccountRow;
export type InvitationMapper = InvitationRow;
export type OrganizationContextMapper = OrganizationContextValue;
export type UserPermissionsMapper = UserPermissionsValue;
export type AccessTokenMapper = IssuedToken;
export type LoginResultMapper = IssuedToken;
export type InvitationWithTokenMapper = InvitationWithToken;
export type ApiKeyWithSecretMapper = { readonly apiKey: ApiKeyRow; readonly secret: string };
export type UserConnectionMapper = Connection<PersonRow>;
export type UserEdgeMapper = Connection<PersonRow>["edges"][number];
export type MembershipConnectionMapper = Connection<MembershipRow>;
export type MembershipEdgeMapper = Connection<MembershipRow>["edges"][number];
