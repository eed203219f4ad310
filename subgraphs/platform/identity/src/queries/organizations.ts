/** SQL on organizations and their settings. */
import { inKeyOrder, type TenantDb } from "@tessera/database";
import { and, eq, inArray, isNull, lte, ne, or } from "drizzle-orm";
import { currentOrganization } from "../columns.js";
import {
  installation,
  type OrganizationRow,
  organizationSettings,
  organizations,
  type SettingsRow,
  type SubscriptionStatus,
} from "../tables.js";

/** The organization of the asker; `null` for any other id. */
export async function organizationsById(db: TenantDb, ids: readonly string[]): Promise<(OrganizationRow | null)[]> {
  const own = and(inArray(organizations.id, [...ids]), eq(organizations.id, currentOrganization));
  return inKeyOrder(ids, await db.select().from(organizations).where(own), (row) => row.id);
}

/** Names of organizations the person is a member of, whichever one they work in at the moment. */
export async function organizationNames(db: TenantDb, ids: readonly string[]): Promise<(string | null)[]> {
  const { id, name } = organizations;
  const rows = await db
    .select({ id, name })
    .from(organizations)
    .where(inArray(id, [...ids]));
  return inKeyOrder(ids, rows, (row) => row.id).map((row) => row?.name ?? null);
}

export async function settingsById(db: TenantDb, ids: readonly string[]): Promise<(SettingsRow | null)[]> {
  const own = and(inArray(organizationSettings.id, [...ids]), eq(organizationSettings.id, currentOrganization));
  return inKeyOrder(ids, await db.select().from(organizationSettings).where(own), (row) => row.id);
}

export async function insertOrganization(
  db: TenantDb,
  organization: typeof organizations.$inferInsert,
  settings: typeof organizationSettings.$inferInsert,
): Promise<void> {
  await db.insert(organizations).values(organization);
  await db.insert(organizationSettings).values(settings);
}

export async function updateOrganizationRow(
  db: TenantDb,
  id: string,
  change: Partial<OrganizationRow>,
): Promise<OrganizationRow | null> {
  const [row] = await db.update(organizations).set(change).where(eq(organizations.id, id)).returning();
  return row ?? null;
}

export async function updateSettingsRow(
  db: TenantDb,
  id: string,
  change: Partial<SettingsRow>,
): Promise<SettingsRow | null> {
  const [row] = await db.update(organizationSettings).set(change).where(eq(organizationSettings.id, id)).returning();
  return row ?? null;
}

export interface SubscriptionNews {
  readonly tier: OrganizationRow["tier"];
  readonly subscriptionId: string;
  readonly subscriptionStatus: SubscriptionStatus;
  readonly subscriptionChangedAt: Date;
}

/** Takes over a subscription unless newer news is here already. False when nothing changed. */
export async function updateSubscription(db: TenantDb, id: string, state: SubscriptionNews): Promise<boolean> {
  const { tier, subscriptionStatus, subscriptionChangedAt } = organizations;
  const older = or(isNull(subscriptionChangedAt), lte(subscriptionChangedAt, state.subscriptionChangedAt));
  const different = or(
    ne(tier, state.tier),
    isNull(subscriptionStatus),
    ne(subscriptionStatus, state.subscriptionStatus),
    ne(organizations.subscriptionId, state.subscriptionId),
  );
  const rows = await db
    .update(organizations)
    .set({ ...state, updatedAt: state.subscriptionChangedAt })
    .where(and(eq(organizations.id, id), older, different))
    .returning({ id: organizations.id });
  return rows.length > 0;
}

/** Makes this organization the operator if there is none yet. False when there is one. */
export async function claimInstallation(db: TenantDb, operatorId: string): Promise<boolean> {
  const rows = await db.insert(installation).values({ operatorId }).onConflictDoNothing().returning();
  return rows.length > 0;
}

export async function operatorOf(db: TenantDb): Promise<string | null> {
  const [row] = await db.select().from(installation).limit(1);
  return row?.operatorId ?? null;
}
