/** SQL on API keys, service accounts and signing keys. */
import { inKeyOrder, readById, type TenantDb } from "@tessera/database";
import { and, asc, desc, eq, gt, inArray, isNotNull, isNull, or, type SQL, sql } from "drizzle-orm";
import { currentPerson } from "../columns.js";
import { type ApiKeyRow, apiKeys, type ServiceAccountRow, serviceAccounts, signingKeys } from "../tables.js";

const own = sql`${apiKeys.userId} = ${currentPerson}`;

/** One's own keys and the service accounts'; other people's are their own business. */
export async function apiKeysById(db: TenantDb, ids: readonly string[]): Promise<(ApiKeyRow | null)[]> {
  const visible = or(own, isNotNull(apiKeys.serviceAccountId));
  const rows = await db
    .select()
    .from(apiKeys)
    .where(and(inArray(apiKeys.id, [...ids]), visible));
  return inKeyOrder(ids, rows, (row) => row.id);
}

/** Newest first; all of the organization or one's own. */
export function listApiKeys(db: TenantDb, everybodys: boolean): Promise<ApiKeyRow[]> {
  return db
    .select()
    .from(apiKeys)
    .where(everybodys ? undefined : own)
    .orderBy(desc(apiKeys.createdAt));
}

export function apiKeysOfPerson(db: TenantDb, userId: string): Promise<ApiKeyRow[]> {
  return db.select().from(apiKeys).where(eq(apiKeys.userId, userId)).orderBy(desc(apiKeys.createdAt));
}

export async function insertApiKey(db: TenantDb, row: typeof apiKeys.$inferInsert): Promise<ApiKeyRow> {
  const [written] = await db.insert(apiKeys).values(row).returning();
  if (!written) throw new Error("PostgreSQL returned no row for an insert.");
  return written;
}

export async function usableApiKey(db: TenantDb, hash: string, now: Date): Promise<ApiKeyRow | null> {
  const usable = and(eq(apiKeys.hash, hash), isNull(apiKeys.revokedAt), gt(apiKeys.expiresAt, now));
  const [row] = await db.select().from(apiKeys).where(usable);
  return row ?? null;
}

export async function touchApiKey(db: TenantDb, id: string, at: Date): Promise<void> {
  await db.update(apiKeys).set({ lastUsedAt: at }).where(eq(apiKeys.id, id));
}

/** Revokes one key; only one's own unless `everybodys`. */
export async function revokeApiKeyRow(
  db: TenantDb,
  id: string,
  everybodys: boolean,
  at: Date,
): Promise<ApiKeyRow | null> {
  const [row] = await db
    .update(apiKeys)
    .set({ revokedAt: sql`coalesce(${apiKeys.revokedAt}, ${at.toISOString()}::timestamptz)` })
    .where(and(eq(apiKeys.id, id), everybodys ? undefined : own))
    .returning();
  return row ?? null;
}

export async function revokeApiKeysOf(
  db: TenantDb,
  owner: { userId: string } | { serviceAccountId: string },
  at: Date,
): Promise<void> {
  const whose: SQL =
    "userId" in owner ? eq(apiKeys.userId, owner.userId) : eq(apiKeys.serviceAccountId, owner.serviceAccountId);
  await db
    .update(apiKeys)
    .set({ revokedAt: at })
    .where(and(whose, isNull(apiKeys.revokedAt)));
}

export const serviceAccountsById = readById(serviceAccounts);

export function listServiceAccounts(db: TenantDb): Promise<ServiceAccountRow[]> {
  return db.select().from(serviceAccounts).orderBy(asc(serviceAccounts.name), asc(serviceAccounts.id));
}

export async function insertServiceAccount(
  db: TenantDb,
  row: typeof serviceAccounts.$inferInsert,
): Promise<ServiceAccountRow> {
  const [written] = await db.insert(serviceAccounts).values(row).returning();
  if (!written) throw new Error("PostgreSQL returned no row for an insert.");
  return written;
}

export async function disableServiceAccountRow(db: TenantDb, id: string, at: Date): Promise<ServiceAccountRow | null> {
  const [row] = await db
    .update(serviceAccounts)
    .set({ disabledAt: sql`coalesce(${serviceAccounts.disabledAt}, ${at.toISOString()}::timestamptz)` })
    .where(eq(serviceAccounts.id, id))
    .returning();
  return row ?? null;
}

export type SigningKeyRow = typeof signingKeys.$inferSelect;

export async function currentSigningKey(db: TenantDb): Promise<SigningKeyRow | null> {
  const [row] = await db.select().from(signingKeys).where(eq(signingKeys.current, true));
  return row ?? null;
}

/** The current key and those whose tokens may still be about. Public parts only. */
export async function publishedKeys(db: TenantDb, now: Date): Promise<Record<string, unknown>[]> {
  const rows = await db
    .select({ publicJwk: signingKeys.publicJwk })
    .from(signingKeys)
    .where(or(signingKeys.current, gt(signingKeys.publishedUntil, now)))
    .orderBy(desc(signingKeys.createdAt));
  return rows.map(({ publicJwk }) => publicJwk);
}

/** False when another process has made one current at the same moment. */
export async function insertSigningKey(db: TenantDb, row: typeof signingKeys.$inferInsert): Promise<boolean> {
  const rows = await db.insert(signingKeys).values(row).onConflictDoNothing().returning({ kid: signingKeys.kid });
  return rows.length > 0;
}

/** False when somebody else has retired it already. */
export async function retireSigningKey(db: TenantDb, kid: string, publishedUntil: Date): Promise<boolean> {
  const rows = await db
    .update(signingKeys)
    .set({ current: false, publishedUntil })
    .where(and(eq(signingKeys.kid, kid), signingKeys.current))
    .returning({ kid: signingKeys.kid });
  return rows.length > 0;
}

/** With immediate effect: no key but the current one is published any longer. */
export async function withdrawOldKeys(db: TenantDb, at: Date): Promise<void> {
  await db
    .update(signingKeys)
    .set({ publishedUntil: at })
    .where(and(eq(signingKeys.current, false), gt(signingKeys.publishedUntil, at)));
}
