import { defineErrors } from "@tessera/subgraph";

export const errors = defineErrors("identity", {
  INVALID_CREDENTIALS: "E-mail address or password is wrong.",
  LOGIN_LOCKED: "Too many failed logins for this address: try again in {retryAfterSeconds} seconds.",
  LOGIN_BUSY: "Too many logins at the moment: try again in {retryAfterSeconds} seconds.",
  PASSWORD_TOO_WEAK: "Choose another password: {reason}.",
  SESSION_EXPIRED: "The session has ended: log in again.",
  SESSION_REUSED: "This refresh token was used before, so the session was ended: log in again.",
  SESSION_REQUIRED: "Only a person who logged in may do this, not an API key.",
  TOKEN_INVALID: "This token is unknown, used, revoked or expired: ask for a new one.",
  API_KEY_INVALID: "This API key is unknown, revoked or expired.",
  NO_MEMBERSHIP: "You are not a member of this organization.",
  REGISTRATION_CLOSED: "This installation has its first organization: ask one of its administrators for an invitation.",
  MEMBER_NOT_FOUND: "There is no member {userId} in this organization.",
  ALREADY_MEMBER: "{email} is a member already.",
  ALREADY_INVITED: "{email} has an open invitation: revoke it to send another one.",
  NOT_FOUND: "There is no {what} {id} in this organization.",
  ROLE_UNKNOWN: "There is no role {role}.",
  ROLE_TAKEN: "There is a role {key} already.",
  ROLE_BUILT_IN: "Built-in roles cannot be changed: make a role of your own.",
  ROLE_IN_USE: "{count} members, invitations or service accounts have this role: give them another one first.",
  SCOPE_UNKNOWN: "There is no scope {scope}.",
  EXCEEDS_OWN_SCOPES: "You cannot give or take what you do not have yourself: {scopes}.",
  LAST_OWNER: "An organization keeps at least one owner: make somebody else an owner first.",
  WORKS_ELSEWHERE:
    "This person is a member of other organizations too, so only they can erase themselves: remove them instead.",
  VALUE_INVALID: "{field}: {reason}.",
  OPERATOR_ONLY: "Only administrators of the organization that operates this installation may do this.",
  SIGNING_KEY_TOO_YOUNG:
    "The signing key was rotated a moment ago: try again in {retryAfterSeconds} seconds, or revoke it.",
});
