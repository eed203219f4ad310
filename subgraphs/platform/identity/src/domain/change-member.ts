/** Members: their roles, their projects, and how they leave. An organization always keeps an owner. */
import { platformEvents } from "@tessera/shared-types";
import type { Context, Transaction } from "@tessera/subgraph";
import { errors } from "../errors.js";
import { revokeApiKeysOf } from "../queries/keys.js";
import { lockOwnersAnd, updateMembership } from "../queries/memberships.js";
import { revokeSessionsOf } from "../queries/sessions.js";
import type { MembershipRow } from "../tables.js";
import { forgetMember } from "./caches.js";
import { grantableRoles, refuseAbove } from "./grants.js";
import { requireActor, requirePerson } from "./require-person.js";

/** Assignments travel in every token, so they have to stay few and short. */
const mostProjects = 100;
const longestId = 40;

type MemberChange = "roles_changed" | "removed" | "erased";

/** @throws MEMBER_NOT_FOUND, ROLE_UNKNOWN, EXCEEDS_OWN_SCOPES, LAST_OWNER */
export async function changeMemberRoles(ctx: Context, userId: string, keys: readonly string[]): Promise<MembershipRow> {
  ctx.require("identity:admin");
  const actor = requireActor(ctx);
  const membership = await ctx.transaction(async (tx) => {
    const { member, lastOwner } = await lockMember(tx, userId);
    await refuseAbove(tx, actor, member.roleKeys);
    const roleKeys = (await grantableRoles(tx, actor, keys)).map((role) => role.key);
    if (lastOwner && !roleKeys.includes("owner")) throw errors.LAST_OWNER();
    return write(ctx, tx, member, { roleKeys }, "roles_changed");
  });
  await forgetMember(ctx, userId);
  return membership;
}

/** Policies such as `assigned_project` read the assignment from the member's next token. @throws MEMBER_NOT_FOUND, VALUE_INVALID */
export async function assignProjects(
  ctx: Context,
  userId: string,
  projectIds: readonly string[],
): Promise<MembershipRow> {
  ctx.require("identity:write");
  const assignedProjects = [...new Set(projectIds)];
  if (assignedProjects.length > mostProjects || assignedProjects.some((id) => id.length > longestId)) {
    throw errors.VALUE_INVALID({ field: "projectIds", reason: `use at most ${mostProjects} ids` });
  }
  const membership = await ctx.transaction(async (tx) => {
    const { member } = await lockMember(tx, userId);
    // What a member may do has changed, which is what others listen for.
    return write(ctx, tx, member, { assignedProjects }, "roles_changed");
  });
  await forgetMember(ctx, userId);
  return membership;
}

/** Sessions and keys of the person in this organization end. @throws MEMBER_NOT_FOUND, EXCEEDS_OWN_SCOPES, LAST_OWNER */
export async function removeMember(ctx: Context, userId: string): Promise<boolean> {
  ctx.require("identity:admin");
  const actor = requireActor(ctx);
  return end(ctx, userId, "removed", (tx, member) => refuseAbove(tx, actor, member.roleKeys));
}

/** @throws LAST_OWNER, SESSION_REQUIRED */
export function leaveOrganization(ctx: Context): Promise<boolean> {
  return end(ctx, requirePerson(ctx).id, "removed");
}

/** Ends a membership, with what belongs to it. */
export async function end(
  ctx: Context,
  userId: string,
  change: MemberChange,
  allow: (tx: Transaction, member: MembershipRow) => Promise<void> = async () => {},
): Promise<boolean> {
  await ctx.transaction(async (tx) => {
    const { member, lastOwner } = await lockMember(tx, userId);
    await allow(tx, member);
    if (lastOwner) throw errors.LAST_OWNER();
    await revokeSessionsOf(tx, { userId, hereOnly: true }, "membership ended", ctx.now());
    await revokeApiKeysOf(tx, { userId }, ctx.now());
    await write(ctx, tx, member, { endedAt: ctx.now() }, change);
  });
  await forgetMember(ctx, userId);
  return true;
}

/** Before anything is undone elsewhere. @throws LAST_OWNER, MEMBER_NOT_FOUND */
export async function refuseLastOwner(ctx: Context, userId: string): Promise<void> {
  const { lastOwner } = await ctx.transaction((tx) => lockMember(tx, userId));
  if (lastOwner) throw errors.LAST_OWNER();
}

async function lockMember(tx: Transaction, userId: string): Promise<{ member: MembershipRow; lastOwner: boolean }> {
  const locked = await lockOwnersAnd(tx, userId);
  const member = locked.find((row) => row.userId === userId);
  if (!member) throw errors.MEMBER_NOT_FOUND({ userId });
  const owners = locked.filter((row) => row.roleKeys.includes("owner"));
  return { member, lastOwner: owners.length === 1 && owners[0] === member };
}

async function write(
  ctx: Context,
  tx: Transaction,
  member: MembershipRow,
  change: Parameters<typeof updateMembership>[2],
  announced: MemberChange,
): Promise<MembershipRow> {
  const { userId } = member;
  const written = await updateMembership(tx, userId, change);
  if (!written) throw errors.MEMBER_NOT_FOUND({ userId });
  const roles = announced === "roles_changed" ? written.roleKeys : [];
  const payload = { organizationId: ctx.tenantId, userId, change: announced, roles };
  tx.publish(platformEvents.memberChanged, { aggregateId: userId, payload });
  return written;
}
