/** What every module needs to know about an organization, in one answer that is kept for an hour. */
import type { Context } from "@tessera/subgraph";
import { errors } from "../errors.js";
import { firstMembers } from "../queries/memberships.js";
import { organizationsById, settingsById } from "../queries/organizations.js";
import { allRoles } from "../queries/roles.js";
import type { MembershipRow, OrganizationRow, SettingsRow } from "../tables.js";
import { allScopes } from "./built-in-roles.js";
import { organizationContextKey, organizationContextSeconds } from "./caches.js";

const mostMembers = 500;

export interface OrganizationContextValue {
  readonly organization: OrganizationRow;
  readonly settings: SettingsRow;
  readonly members: readonly MembershipRow[];
  /** Scopes. */
  readonly permissions: readonly string[];
}

export async function organizationContext(ctx: Context): Promise<OrganizationContextValue> {
  const kept = await ctx.cached(organizationContextKey, organizationContextSeconds, () => read(ctx));
  return {
    ...kept,
    organization: withDates(kept.organization, "createdAt", "updatedAt", "subscriptionChangedAt"),
    settings: withDates(kept.settings, "updatedAt"),
    members: kept.members.map((member) => withDates(member, "joinedAt", "endedAt")),
  };
}

async function read(ctx: Context): Promise<OrganizationContextValue> {
  const id = ctx.tenantId;
  const [[organization], [settings], members, roles] = await Promise.all([
    organizationsById(ctx.db, [id]),
    settingsById(ctx.db, [id]),
    firstMembers(ctx.db, mostMembers),
    allRoles(ctx.db),
  ]);
  if (!organization || !settings) throw errors.NOT_FOUND({ what: "organization", id });
  const granted = new Set(roles.flatMap((role) => role.scopes));
  return { organization, settings, members, permissions: allScopes.filter((scope) => granted.has(scope)) };
}

/** A cache keeps JSON: what went in as a date comes back as text. */
function withDates<Row extends object>(row: Row, ...fields: (keyof Row)[]): Row {
  const dates = fields.filter((field) => typeof row[field] === "string");
  return { ...row, ...Object.fromEntries(dates.map((field) => [field, new Date(row[field] as string)])) };
}
