import type { Context } from "@tessera/subgraph";
import { ownMemberships } from "../queries/memberships.js";
import { organizationNames } from "../queries/organizations.js";
import type { IssuedToken } from "./issue-token.js";

export interface OrganizationChoice {
  readonly id: string;
  readonly name: string;
  readonly current: boolean;
}

/**
 * Where a person may work. Told only together with a token they have just proved themselves for: a token for one
 * organization shows nothing of another.
 */
export async function organizationChoices(
  ctx: Context,
  { subjectId, organizationId }: IssuedToken,
): Promise<OrganizationChoice[]> {
  const { db } = ctx.withoutTenant(subjectId);
  const ids = (await ownMemberships(db, subjectId)).map(({ tenantId }) => tenantId);
  const names = ids.length === 0 ? [] : await organizationNames(db, ids);
  return ids.map((id, index) => ({ id, name: names[index] ?? "", current: id === organizationId }));
}
