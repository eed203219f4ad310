/** SQL on invitations. A person may also read their own in other organizations, so every list names what it wants. */
import { inKeyOrder, type TenantDb } from "@tessera/database";
import { and, desc, eq, gt, inArray, isNull, lte, sql } from "drizzle-orm";
import { currentOrganization, currentPerson } from "../columns.js";
import { type InvitationRow, invitations } from "../tables.js";

const here = eq(invitations.tenantId, currentOrganization);
const unanswered = and(isNull(invitations.acceptedAt), isNull(invitations.revokedAt));

export async function invitationsById(db: TenantDb, ids: readonly string[]): Promise<(InvitationRow | null)[]> {
  const rows = await db
    .select()
    .from(invitations)
    .where(and(inArray(invitations.id, [...ids]), here));
  return inKeyOrder(ids, rows, (row) => row.id);
}

export function openInvitations(db: TenantDb, now: Date): Promise<InvitationRow[]> {
  const open = and(here, unanswered, gt(invitations.expiresAt, now));
  return db.select().from(invitations).where(open).orderBy(desc(invitations.createdAt));
}

export async function openInvitation(db: TenantDb, tokenHash: string, now: Date): Promise<InvitationRow | null> {
  const open = and(eq(invitations.tokenHash, tokenHash), here, unanswered, gt(invitations.expiresAt, now));
  const [row] = await db.select().from(invitations).where(open);
  return row ?? null;
}

/** Null when the address has an open invitation. One that ran out makes room. */
export async function insertInvitation(
  db: TenantDb,
  row: typeof invitations.$inferInsert,
): Promise<InvitationRow | null> {
  const expired = and(eq(invitations.email, row.email), unanswered, lte(invitations.expiresAt, row.createdAt));
  await db.update(invitations).set({ revokedAt: row.createdAt }).where(expired);
  const [written] = await db.insert(invitations).values(row).onConflictDoNothing().returning();
  return written ?? null;
}

/** True for the one transaction that accepts it. */
export async function acceptInvitationRow(db: TenantDb, id: string, at: Date): Promise<boolean> {
  const rows = await db
    .update(invitations)
    .set({ acceptedAt: at })
    .where(and(eq(invitations.id, id), unanswered))
    .returning({ id: invitations.id });
  return rows.length > 0;
}

export async function revokeInvitationRow(db: TenantDb, id: string, at: Date): Promise<boolean> {
  const rows = await db
    .update(invitations)
    .set({ revokedAt: at })
    .where(and(eq(invitations.id, id), unanswered))
    .returning({ id: invitations.id });
  return rows.length > 0;
}

/** What this organization offered a person. */
export function invitationsOfPerson(db: TenantDb, userId: string): Promise<InvitationRow[]> {
  const theirs = and(eq(invitations.userId, userId), here);
  return db.select().from(invitations).where(theirs).orderBy(desc(invitations.createdAt));
}

/** Organizations that ever invited a person. Needs a database scope in that person's name. */
export async function organizationsInviting(db: TenantDb, userId: string): Promise<string[]> {
  const own = and(eq(invitations.userId, userId), sql`${invitations.userId} = ${currentPerson}`);
  const rows = await db.selectDistinct({ id: invitations.tenantId }).from(invitations).where(own);
  return rows.map(({ id }) => id);
}

/** Takes the address of an erased person out of their invitations. */
export async function forgetInvitations(db: TenantDb, userId: string, at: Date): Promise<void> {
  const whose = eq(invitations.userId, userId);
  await db.update(invitations).set({ revokedAt: at }).where(and(whose, unanswered));
  await db.update(invitations).set({ email: "erased@invalid" }).where(whose);
}
