import type { Context } from "@tessera/subgraph";
import { membershipsByUser } from "../queries/memberships.js";
import { permissionsKey, permissionsSeconds } from "./caches.js";
import { scopesOfKeys } from "./issue-token.js";

export interface UserPermissionsValue {
  readonly userId: string;
  readonly roles: readonly string[];
  /** Scopes, in order. */
  readonly permissions: readonly string[];
  readonly assignedProjects: readonly string[];
}

/** What a member may do here today, kept for half an hour; null for anybody who is no member. */
export async function userPermissions(ctx: Context, userId: string): Promise<UserPermissionsValue | null> {
  const [membership] = await ctx.cached(permissionsKey(userId), permissionsSeconds, () => read(ctx, userId));
  return membership ?? null;
}

async function read(ctx: Context, userId: string): Promise<UserPermissionsValue[]> {
  const [membership] = await membershipsByUser(ctx.db, [userId]);
  if (!membership) return [];
  const { roleKeys: roles, assignedProjects } = membership;
  const scopes = await scopesOfKeys(ctx, roles);
  return [{ userId, roles, permissions: [...scopes].sort(), assignedProjects }];
}
