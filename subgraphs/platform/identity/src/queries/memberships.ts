/** SQL on memberships. A person may also read their own in other organizations, so every statement names what it wants. */
import { type Connection, inKeyOrder, type PageArguments, paginate, type TenantDb } from "@tessera/database";
import { and, arrayContains, asc, count, eq, inArray, isNull, or, sql } from "drizzle-orm";
import { currentOrganization, currentPerson } from "../columns.js";
import { invitations, type MembershipRow, memberships, serviceAccounts } from "../tables.js";

const here = eq(memberships.tenantId, currentOrganization);
const open = isNull(memberships.endedAt);
const byJoining = [asc(memberships.joinedAt), asc(memberships.id)];

export async function membershipsById(db: TenantDb, ids: readonly string[]): Promise<(MembershipRow | null)[]> {
  const visible = or(here, sql`${memberships.userId} = ${currentPerson}`);
  const rows = await db
    .select()
    .from(memberships)
    .where(and(inArray(memberships.id, [...ids]), visible, open));
  return inKeyOrder(ids, rows, (row) => row.id);
}

/** Open memberships in the asker's organization. */
export async function membershipsByUser(db: TenantDb, userIds: readonly string[]): Promise<(MembershipRow | null)[]> {
  const rows = await db
    .select()
    .from(memberships)
    .where(and(inArray(memberships.userId, [...userIds]), here, open));
  return inKeyOrder(userIds, rows, (row) => row.userId);
}

export function membersOfOrganization(db: TenantDb, page: PageArguments): Promise<Connection<MembershipRow>> {
  return paginate(db, {
    from: memberships,
    where: and(here, open),
    orderBy: [{ column: memberships.joinedAt, direction: "asc" }],
    page,
  });
}

export function firstMembers(db: TenantDb, limit: number): Promise<MembershipRow[]> {
  return db
    .select()
    .from(memberships)
    .where(and(here, open))
    .orderBy(...byJoining)
    .limit(limit);
}

/** Where a person works, oldest first. Needs a database scope in that person's name. */
export function ownMemberships(db: TenantDb, userId: string): Promise<MembershipRow[]> {
  const own = and(eq(memberships.userId, userId), sql`${memberships.userId} = ${currentPerson}`, open);
  return db
    .select()
    .from(memberships)
    .where(own)
    .orderBy(...byJoining);
}

/** Holds back others who would change the same person's roles, or the owners', until this transaction ends. */
export function lockOwnersAnd(db: TenantDb, userId: string): Promise<MembershipRow[]> {
  const concerned = or(eq(memberships.userId, userId), arrayContains(memberships.roleKeys, ["owner"]));
  return db
    .select()
    .from(memberships)
    .where(and(here, open, concerned))
    .orderBy(asc(memberships.id))
    .for("update");
}

/** A new membership, or the person's former one opened again. */
export async function insertMembership(
  db: TenantDb,
  row: Pick<MembershipRow, "id" | "userId" | "roleKeys" | "joinedAt">,
): Promise<MembershipRow> {
  const { roleKeys, joinedAt } = row;
  const [written] = await db
    .insert(memberships)
    .values(row)
    .onConflictDoUpdate({
      target: [memberships.tenantId, memberships.userId],
      set: { roleKeys, joinedAt, endedAt: null, assignedProjects: [] },
    })
    .returning();
  if (!written) throw new Error("PostgreSQL returned no row for an upsert.");
  return written;
}

export async function updateMembership(
  db: TenantDb,
  userId: string,
  change: Partial<Pick<MembershipRow, "roleKeys" | "assignedProjects" | "endedAt">>,
): Promise<MembershipRow | null> {
  const [row] = await db
    .update(memberships)
    .set(change)
    .where(and(eq(memberships.userId, userId), here, open))
    .returning();
  return row ?? null;
}

export async function usersWithRole(db: TenantDb, roleKey: string): Promise<MembershipRow[]> {
  return db
    .select()
    .from(memberships)
    .where(and(here, open, arrayContains(memberships.roleKeys, [roleKey])));
}

/** Members, open invitations and service accounts that have the role. */
export async function countUsesOfRole(db: TenantDb, roleKey: string): Promise<number> {
  const unanswered = and(isNull(invitations.acceptedAt), isNull(invitations.revokedAt));
  const uses = await Promise.all([
    db
      .select({ uses: count() })
      .from(memberships)
      .where(and(here, open, arrayContains(memberships.roleKeys, [roleKey]))),
    db
      .select({ uses: count() })
      .from(invitations)
      .where(and(unanswered, arrayContains(invitations.roleKeys, [roleKey]))),
    db
      .select({ uses: count() })
      .from(serviceAccounts)
      .where(and(isNull(serviceAccounts.disabledAt), arrayContains(serviceAccounts.roleKeys, [roleKey]))),
  ]);
  return uses.flat().reduce((sum, row) => sum + row.uses, 0);
}
