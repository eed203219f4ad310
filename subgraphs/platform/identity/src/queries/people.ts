/**
 * SQL on people and their credentials. These tables belong to no tenant: each statement here is limited to members of
 * the asker's organization, to the asker, or to one person who has proved (or is about to prove) who they are.
 */
import { type Connection, inKeyOrder, type PageArguments, paginate, type TenantDb } from "@tessera/database";
import { and, eq, inArray, isNotNull, isNull, or, type SQL, sql } from "drizzle-orm";
import { currentOrganization, currentPerson } from "../columns.js";
import { credentials, memberships, type UserRow, users } from "../tables.js";

/** A person as the asker may see them; `current` for oneself and for people who work in the organization today. */
export interface PersonRow extends UserRow {
  readonly current: boolean;
}

const ownMembership = and(eq(memberships.userId, users.id), eq(memberships.tenantId, currentOrganization));
const isSelf = sql`${users.id} = ${currentPerson}`;

/** Present and former members of the asker's organization, and the asker. Nobody else, whatever the id. */
export async function usersById(db: TenantDb, ids: readonly string[]): Promise<(PersonRow | null)[]> {
  const rows = await db
    .select({
      user: users,
      endedAt: memberships.endedAt,
      membershipId: memberships.id,
      self: sql<boolean | null>`${isSelf}`,
    })
    .from(users)
    .leftJoin(memberships, ownMembership)
    .where(and(inArray(users.id, [...ids]), or(isNotNull(memberships.id), isSelf)));
  const people = rows.map((row) => ({
    ...row.user,
    current: row.self === true || (row.membershipId !== null && row.endedAt === null),
  }));
  return inKeyOrder(ids, people, (person) => person.id);
}

/** People who work in the asker's organization today, by name. */
export async function peopleOfOrganization(
  db: TenantDb,
  page: PageArguments,
  search: string | null,
): Promise<Connection<PersonRow>> {
  const member = sql`exists (select 1 from ${memberships} where ${ownMembership} and ${isNull(memberships.endedAt)})`;
  const connection = await paginate(db, {
    from: users,
    where: and(member, search ? matches(search) : undefined),
    orderBy: [{ column: users.name, direction: "asc" }],
    page,
  });
  const current = (user: UserRow): PersonRow => ({ ...user, current: true });
  return {
    ...connection,
    edges: connection.edges.map(({ cursor, node }) => ({ cursor, node: current(node) })),
    nodes: connection.nodes.map(current),
  };
}

function matches(search: string): SQL {
  const pattern = `%${search.replace(/[\\%_]/g, "\\$&")}%`;
  return sql`(${users.name} ilike ${pattern} or ${users.email} ilike ${pattern})`;
}

export interface KnownPerson {
  readonly user: UserRow & { email: string };
  readonly passwordHash: string;
}

/** For logging in only: finds a person wherever they work. Tell nobody whether it found one. */
export async function personByEmail(db: TenantDb, email: string): Promise<KnownPerson | null> {
  return knownPerson(db, eq(users.email, email));
}

/** For the person themselves, who holds a token, a session or a reset link. */
export async function personById(db: TenantDb, id: string): Promise<KnownPerson | null> {
  return knownPerson(db, eq(users.id, id));
}

async function knownPerson(db: TenantDb, where: SQL): Promise<KnownPerson | null> {
  const [row] = await db
    .select({ user: users, passwordHash: credentials.passwordHash })
    .from(users)
    .innerJoin(credentials, eq(credentials.userId, users.id))
    .where(and(where, isNull(users.erasedAt)))
    .limit(1);
  if (!row || row.user.email === null) return null;
  return { user: { ...row.user, email: row.user.email }, passwordHash: row.passwordHash };
}

export async function insertPerson(
  db: TenantDb,
  person: { id: string; email: string; name: string; passwordHash: string; at: Date },
): Promise<void> {
  const { id, email, name, passwordHash, at } = person;
  await db.insert(users).values({ id, email, name, createdAt: at });
  await db.insert(credentials).values({ userId: id, passwordHash, changedAt: at });
}

export async function updatePerson(
  db: TenantDb,
  id: string,
  change: Partial<Pick<UserRow, "name" | "locale">>,
): Promise<UserRow | null> {
  const [row] = await db.update(users).set(change).where(eq(users.id, id)).returning();
  return row ?? null;
}

export async function updatePassword(db: TenantDb, userId: string, passwordHash: string, at: Date): Promise<void> {
  await db.update(credentials).set({ passwordHash, changedAt: at }).where(eq(credentials.userId, userId));
}

/** Keeps the id and nothing that says who it was. */
export async function forgetPerson(db: TenantDb, id: string, at: Date): Promise<void> {
  await db.delete(credentials).where(eq(credentials.userId, id));
  await db
    .update(users)
    .set({ name: "Erased person", email: null, locale: null, erasedAt: at })
    .where(eq(users.id, id));
}
