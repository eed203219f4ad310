/**
 * What is kept between requests, and when it is dropped: right after the change commits, and once more by the event that
 * announces it, in case the process ended in between.
 */
import type { Context } from "@tessera/subgraph";

export const organizationContextKey = "organization-context";
export const organizationContextSeconds = 3_600;

export const permissionsKey = (userId: string): string => `permissions:${userId}`;
export const permissionsSeconds = 1_800;

export async function forgetOrganization(ctx: Context): Promise<void> {
  await ctx.forget(organizationContextKey);
}

/** A member's roles are part of the organization's context too. */
export async function forgetMember(ctx: Context, userId: string): Promise<void> {
  await Promise.all([ctx.forget(permissionsKey(userId)), ctx.forget(organizationContextKey)]);
}
