/**
 * SQL on sessions, refresh tokens, failed logins and password resets. These tables belong to no tenant: each statement
 * here names one session, one person, one secret's hash, or the sessions of the asker's organization.
 */
import { inKeyOrder, type TenantDb } from "@tessera/database";
import { and, desc, eq, gt, inArray, isNull, lt, ne, or, type SQL, sql } from "drizzle-orm";
import { currentOrganization, currentPerson } from "../columns.js";
import type { Attempts } from "../domain/lock-out.js";
import { loginAttempts, passwordResets, refreshTokens, type SessionRow, sessions } from "../tables.js";

const open = isNull(sessions.revokedAt);

/** One's own sessions only. */
export async function sessionsById(db: TenantDb, ids: readonly string[]): Promise<(SessionRow | null)[]> {
  const own = sql`${sessions.userId} = ${currentPerson}`;
  const rows = await db
    .select()
    .from(sessions)
    .where(and(inArray(sessions.id, [...ids]), own, open));
  return inKeyOrder(ids, rows, (row) => row.id);
}

/** Whose sessions: all of one person's, or only those that work in the asker's organization. */
export interface SessionOwner {
  readonly userId: string;
  readonly hereOnly: boolean;
}

function ownedBy({ userId, hereOnly }: SessionOwner): SQL | undefined {
  return and(
    eq(sessions.userId, userId),
    hereOnly ? eq(sessions.organizationId, currentOrganization) : undefined,
    open,
  );
}

export function openSessions(db: TenantDb, owner: SessionOwner, now: Date): Promise<SessionRow[]> {
  const lasting = and(ownedBy(owner), gt(sessions.expiresAt, now));
  return db.select().from(sessions).where(lasting).orderBy(desc(sessions.lastUsedAt));
}

/** One of the asker's own sessions, or one that works in the asker's organization. */
export async function reachableSession(db: TenantDb, id: string): Promise<SessionRow | null> {
  const reachable = sql`(${sessions.userId} = ${currentPerson} or ${sessions.organizationId} = ${currentOrganization})`;
  const [row] = await db
    .select()
    .from(sessions)
    .where(and(eq(sessions.id, id), reachable, open));
  return row ?? null;
}

export async function insertSession(db: TenantDb, row: SessionRow): Promise<void> {
  await db.insert(sessions).values(row);
}

export async function revokeSessionRow(db: TenantDb, id: string, because: string, at: Date): Promise<void> {
  await db
    .update(sessions)
    .set({ revokedAt: at, revokedBecause: because })
    .where(and(eq(sessions.id, id), open));
}

export async function revokeSessionsOf(
  db: TenantDb,
  owner: SessionOwner,
  because: string,
  at: Date,
  except: string | null = null,
): Promise<void> {
  await db
    .update(sessions)
    .set({ revokedAt: at, revokedBecause: because })
    .where(and(ownedBy(owner), except === null ? undefined : ne(sessions.id, except)));
}

export async function moveSession(db: TenantDb, id: string, userId: string, organizationId: string): Promise<boolean> {
  const rows = await db
    .update(sessions)
    .set({ organizationId })
    .where(and(eq(sessions.id, id), eq(sessions.userId, userId), open))
    .returning({ id: sessions.id });
  return rows.length > 0;
}

export async function touchSession(db: TenantDb, id: string, at: Date): Promise<void> {
  await db.update(sessions).set({ lastUsedAt: at }).where(eq(sessions.id, id));
}

/** All sessions of one person, ended ones too, for the copy of their data. */
export function allSessions(db: TenantDb, owner: SessionOwner): Promise<SessionRow[]> {
  const { userId, hereOnly } = owner;
  const whose = and(
    eq(sessions.userId, userId),
    hereOnly ? eq(sessions.organizationId, currentOrganization) : undefined,
  );
  return db.select().from(sessions).where(whose).orderBy(desc(sessions.createdAt));
}

/** Ends all sessions of an erased person and forgets where they came from. */
export async function forgetSessions(db: TenantDb, userId: string, at: Date): Promise<void> {
  await revokeSessionsOf(db, { userId, hereOnly: false }, "person erased", at);
  await db.update(sessions).set({ clientAddress: null, userAgent: null }).where(eq(sessions.userId, userId));
  await db.delete(passwordResets).where(eq(passwordResets.userId, userId));
}

export type RefreshTokenRow = typeof refreshTokens.$inferSelect;

/** Tokens of the session that can no longer tell anything make room. */
export async function insertRefreshToken(db: TenantDb, row: Omit<RefreshTokenRow, "usedAt">, now: Date): Promise<void> {
  const expired = and(eq(refreshTokens.sessionId, row.sessionId), lt(refreshTokens.expiresAt, now));
  await db.delete(refreshTokens).where(expired);
  await db.insert(refreshTokens).values(row);
}

/** The token and its session, held until the transaction ends so that two refreshes take turns. */
export async function lockRefreshToken(
  db: TenantDb,
  hash: string,
): Promise<{ token: RefreshTokenRow; session: SessionRow } | null> {
  const [row] = await db
    .select({ token: refreshTokens, session: sessions })
    .from(refreshTokens)
    .innerJoin(sessions, eq(sessions.id, refreshTokens.sessionId))
    .where(eq(refreshTokens.hash, hash))
    .for("update");
  return row ?? null;
}

export async function markRefreshTokenUsed(db: TenantDb, hash: string, at: Date): Promise<void> {
  await db.update(refreshTokens).set({ usedAt: at }).where(eq(refreshTokens.hash, hash));
}

/** Forgets failures nobody added to for a day, a few at a time: tries for made-up addresses must not pile up. */
export async function forgetOldAttempts(db: TenantDb, before: Date): Promise<void> {
  const { emailHash, lastFailureAt } = loginAttempts;
  const old = db.select({ emailHash }).from(loginAttempts).where(lt(lastFailureAt, before)).limit(10);
  await db.delete(loginAttempts).where(inArray(emailHash, old.for("update", { skipLocked: true })));
}

/** Forgets a person's sessions that ended before, with their tokens. */
export async function forgetOldSessions(db: TenantDb, userId: string, before: Date): Promise<void> {
  const ended = or(lt(sessions.expiresAt, before), lt(sessions.revokedAt, before));
  const gone = await db
    .delete(sessions)
    .where(and(eq(sessions.userId, userId), ended))
    .returning({ id: sessions.id });
  const ids = gone.map(({ id }) => id);
  if (ids.length > 0) await db.delete(refreshTokens).where(inArray(refreshTokens.sessionId, ids));
}

/** The failures of one address, held until the transaction ends so that attempts are counted one by one. */
export async function lockAttempts(db: TenantDb, emailHash: string, now: Date): Promise<Attempts | null> {
  const none = { emailHash, failures: 0, lastFailureAt: now };
  await db.insert(loginAttempts).values(none).onConflictDoNothing();
  const [row] = await db.select().from(loginAttempts).where(eq(loginAttempts.emailHash, emailHash)).for("update");
  return row && row.failures > 0 ? row : null;
}

export async function saveAttempts(db: TenantDb, emailHash: string, attempts: Attempts): Promise<void> {
  await db.update(loginAttempts).set(attempts).where(eq(loginAttempts.emailHash, emailHash));
}

export async function clearAttempts(db: TenantDb, emailHash: string): Promise<void> {
  await db.delete(loginAttempts).where(eq(loginAttempts.emailHash, emailHash));
}

export type PasswordResetRow = typeof passwordResets.$inferSelect;

export async function insertPasswordReset(db: TenantDb, row: Omit<PasswordResetRow, "usedAt">): Promise<void> {
  await db.insert(passwordResets).values(row);
}

export async function latestPasswordReset(db: TenantDb, userId: string): Promise<PasswordResetRow | null> {
  const own = eq(passwordResets.userId, userId);
  const [row] = await db.select().from(passwordResets).where(own).orderBy(desc(passwordResets.createdAt)).limit(1);
  return row ?? null;
}

export async function openPasswordReset(db: TenantDb, hash: string, now: Date): Promise<PasswordResetRow | null> {
  const usable = and(eq(passwordResets.hash, hash), isNull(passwordResets.usedAt), gt(passwordResets.expiresAt, now));
  const [row] = await db.select().from(passwordResets).where(usable);
  return row ?? null;
}

/** True for the one transaction that uses the token; the person's other tokens go with it. */
export async function usePasswordReset(db: TenantDb, reset: PasswordResetRow, at: Date): Promise<boolean> {
  const unused = and(eq(passwordResets.userId, reset.userId), isNull(passwordResets.usedAt));
  const rows = await db
    .update(passwordResets)
    .set({ usedAt: at })
    .where(unused)
    .returning({ hash: passwordResets.hash });
  return rows.some(({ hash }) => hash === reset.hash);
}
