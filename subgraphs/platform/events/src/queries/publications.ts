import type { TenantDb } from "@tessera/database";
import { eq, lt } from "drizzle-orm";
import { publications } from "../tables.js";

export type PublicationRow = typeof publications.$inferSelect;

/** What was published under a key; null when the key is new, and then it is taken now. */
export async function takeKey(
  db: TenantDb,
  publication: Omit<PublicationRow, "tenantId">,
  forgetBefore: Date,
): Promise<PublicationRow | null> {
  await db.delete(publications).where(lt(publications.publishedAt, forgetBefore));
  const [taken] = await db.insert(publications).values(publication).onConflictDoNothing().returning();
  if (taken) return null;
  const [known] = await db.select().from(publications).where(eq(publications.key, publication.key));
  return known ?? null;
}
