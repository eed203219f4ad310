/** The rights of a person whose data is held here: a copy of it (GDPR articles 15 and 20), and being forgotten (17). */
import type { Context } from "@tessera/subgraph";
import { errors } from "../errors.js";
import { forgetInvitations, invitationsOfPerson, organizationsInviting } from "../queries/invitations.js";
import { apiKeysOfPerson } from "../queries/keys.js";
import { membershipsByUser, ownMemberships } from "../queries/memberships.js";
import { forgetPerson, type PersonRow, usersById } from "../queries/people.js";
import { allSessions, forgetSessions } from "../queries/sessions.js";
import type { MembershipRow } from "../tables.js";
import { end, refuseLastOwner } from "./change-member.js";
import { refuseAbove } from "./grants.js";
import { forgetAttempts } from "./prove-password.js";
import { actsInPerson, requireActor } from "./require-person.js";

/**
 * Everything identity holds about a person, without secrets: about oneself from every organization, about a member what
 * belongs to this organization. @throws MEMBER_NOT_FOUND, FORBIDDEN
 */
export async function exportPersonalData(ctx: Context, userId: string): Promise<unknown> {
  const { whole, person } = await concerned(ctx, userId);
  const memberships = whole
    ? await ownMemberships(ctx.withoutTenant(userId).db, userId)
    : await membershipsByUser(ctx.db, [userId]);
  const organizations = whole ? await organizationsHolding(ctx, userId) : [ctx.tenantId];
  const { current: _, ...profile } = person;
  const sessions = await allSessions(ctx.db, { userId, hereOnly: !whole });
  return plain({
    exportedAt: ctx.now(),
    profile: person.current ? profile : { ...profile, email: null },
    memberships,
    sessions,
    organizations: await Promise.all(organizations.map((id) => heldBy(ctx, id, userId))),
  });
}

/** Where the person works, then where they were invited. */
async function organizationsHolding(ctx: Context, userId: string): Promise<string[]> {
  const { db } = ctx.withoutTenant(userId);
  const working = (await ownMemberships(db, userId)).map(({ tenantId }) => tenantId);
  return [...new Set([...working, ...(await organizationsInviting(db, userId))])];
}

async function heldBy(ctx: Context, organizationId: string, userId: string): Promise<object> {
  const { db } = ctx.as({ kind: "user", id: userId, tenantId: organizationId });
  const [keys, invitations] = await Promise.all([apiKeysOfPerson(db, userId), invitationsOfPerson(db, userId)]);
  return {
    organizationId,
    apiKeys: keys.map(({ hash: _, ...key }) => key),
    invitations: invitations.map(({ tokenHash: _, ...invitation }) => invitation),
  };
}

/** Oneself with a session, wherever one works; anybody else only as an administrator, and only as far as this organization. */
async function concerned(ctx: Context, userId: string): Promise<{ whole: boolean; person: PersonRow }> {
  const actor = requireActor(ctx);
  const self = actsInPerson(actor) && actor.id === userId;
  if (!self) ctx.require("identity:admin");
  const [person] = await usersById(ctx.db, [userId]);
  if (!person || person.erasedAt) throw errors.MEMBER_NOT_FOUND({ userId });
  return { whole: self, person };
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/**
 * Ends every membership, session and key and takes name and addresses away; the id stays, so that what the person did is
 * still done by somebody. May be repeated after an interruption.
 * @throws MEMBER_NOT_FOUND, WORKS_ELSEWHERE, EXCEEDS_OWN_SCOPES, LAST_OWNER
 */
export async function erasePerson(ctx: Context, userId: string): Promise<boolean> {
  const { person } = await concerned(ctx, userId);
  const memberships = await ownMemberships(ctx.withoutTenant(userId).db, userId);
  await refuseErasure(ctx, userId, memberships);
  for (const { tenantId } of memberships) await refuseLastOwner(ctx.as({ kind: "user", id: userId, tenantId }), userId);
  for (const { tenantId } of memberships) await end(ctx.as({ kind: "user", id: userId, tenantId }), userId, "erased");
  for (const tenantId of await organizationsHolding(ctx, userId)) await withdrawInvitations(ctx, tenantId, userId);
  if (person.email !== null) await forgetAttempts(ctx, person.email);
  await ctx.withoutTenant().transaction(async (tx) => {
    await forgetSessions(tx, userId, ctx.now());
    await forgetPerson(tx, userId, ctx.now());
  });
  return true;
}

async function refuseErasure(ctx: Context, userId: string, memberships: readonly MembershipRow[]): Promise<void> {
  const actor = requireActor(ctx);
  if (actor.id === userId && !actsInPerson(actor)) throw errors.SESSION_REQUIRED();
  if (actor.id === userId) return;
  if (memberships.some(({ tenantId }) => tenantId !== ctx.tenantId)) throw errors.WORKS_ELSEWHERE();
  await refuseAbove(
    ctx.db,
    actor,
    memberships.flatMap(({ roleKeys }) => roleKeys),
  );
}

async function withdrawInvitations(ctx: Context, tenantId: string, userId: string): Promise<void> {
  await ctx.as({ kind: "user", id: userId, tenantId }).transaction((tx) => forgetInvitations(tx, userId, ctx.now()));
}
