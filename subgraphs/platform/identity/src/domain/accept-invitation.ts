import { hashSecret } from "@tessera/access";
import { newId } from "@tessera/database";
import { platformEvents } from "@tessera/shared-types";
import type { Context, Transaction } from "@tessera/subgraph";
import { errors } from "../errors.js";
import { acceptInvitationRow, openInvitation } from "../queries/invitations.js";
import { insertMembership } from "../queries/memberships.js";
import { insertPerson, personByEmail } from "../queries/people.js";
import type { InvitationRow, MembershipRow } from "../tables.js";
import { forgetMember } from "./caches.js";
import type { IssuedToken } from "./issue-token.js";
import { openSession } from "./open-session.js";
import { hashPassword } from "./password-hash.js";
import { refuseWeakPassword } from "./password-rules.js";
import { provePassword } from "./prove-password.js";
import { nobody } from "./require-person.js";
import { tenantOfSecret } from "./tenant-secret.js";
import { nameValue } from "./value-rules.js";

export interface Acceptance {
  readonly token: string;
  readonly password: string;
  readonly name?: string | null | undefined;
}

/** Joins and opens a session in the organization that invited. @throws as `joinByInvitation` */
export async function acceptInvitation(ctx: Context, acceptance: Acceptance): Promise<IssuedToken> {
  return openSession(ctx, await joinByInvitation(ctx, acceptance));
}

/**
 * Somebody new sets name and password; somebody known proves who they are by theirs.
 * @throws TOKEN_INVALID, INVALID_CREDENTIALS, LOGIN_LOCKED, PASSWORD_TOO_WEAK, VALUE_INVALID
 */
export async function joinByInvitation(ctx: Context, { token, password, name }: Acceptance): Promise<MembershipRow> {
  const tenantId = tenantOfSecret("tsi_", token);
  const inside = tenantId && ctx.as({ kind: "user", id: nobody, tenantId });
  const invitation = inside && (await openInvitation(inside.db, hashSecret(token), ctx.now()));
  if (!invitation) throw errors.TOKEN_INVALID();
  const person = await personBehind(ctx, invitation, password, name ?? "");
  const work = (tx: Transaction) => join(ctx, tx, invitation, person);
  const membership = await ctx.as({ kind: "user", id: person.id, tenantId: invitation.tenantId }).transaction(work);
  await forgetMember(inside, person.id);
  return membership;
}

interface Joining {
  readonly id: string;
  /** Writes the person first, when they are new. */
  readonly store: (tx: Transaction) => Promise<void>;
}

async function personBehind(ctx: Context, invitation: InvitationRow, password: string, name: string): Promise<Joining> {
  const { email, userId: id } = invitation;
  if (await personByEmail(ctx.withoutTenant().db, email)) {
    const { user } = await provePassword(ctx, email, password);
    return { id: user.id, store: async () => {} };
  }
  const person = { id, email, name: nameValue("name", name), at: ctx.now() };
  refuseWeakPassword(password, person);
  const passwordHash = await hashPassword(password);
  return { id, store: (tx) => insertPerson(tx, { ...person, passwordHash }) };
}

async function join(
  ctx: Context,
  tx: Transaction,
  { id, roleKeys, tenantId: organizationId }: InvitationRow,
  person: Joining,
): Promise<MembershipRow> {
  if (!(await acceptInvitationRow(tx, id, ctx.now()))) throw errors.TOKEN_INVALID();
  await person.store(tx);
  const userId = person.id;
  const membership = await insertMembership(tx, { id: newId(), userId, roleKeys, joinedAt: ctx.now() });
  const payload = { organizationId, userId, change: "joined" as const, roles: roleKeys };
  tx.publish(platformEvents.memberChanged, { aggregateId: userId, payload });
  return membership;
}
