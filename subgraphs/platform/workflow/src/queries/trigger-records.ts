/** Triggers as they are kept and looked for. */
import type { TenantDb } from "@tessera/database";
import { and, eq, isNotNull, notInArray } from "drizzle-orm";
import { type TriggerRow, triggers, type VersionRow, versions } from "../tables.js";

export type KeptTrigger = Pick<
  TriggerRow,
  "definitionId" | "name" | "type" | "versionId" | "eventType" | "cron" | "timeZone" | "nextFireAt" | "createdAt"
>;

/** One of the same name keeps its id, its switch and its secret. */
export async function keepTrigger(db: TenantDb, row: KeptTrigger): Promise<TriggerRow> {
  const { definitionId, name, createdAt, ...now } = row;
  const [kept] = await db
    .insert(triggers)
    .values(row)
    .onConflictDoUpdate({ target: [triggers.definitionId, triggers.name], set: { ...now, lastError: null } })
    .returning();
  return kept as TriggerRow;
}

/** Triggers that the published version does not have any more. */
export async function retireTriggers(db: TenantDb, definitionId: string, kept: readonly string[]): Promise<void> {
  const gone = kept.length > 0 ? notInArray(triggers.name, [...kept]) : undefined;
  await db
    .update(triggers)
    .set({ versionId: null, nextFireAt: null })
    .where(and(eq(triggers.definitionId, definitionId), gone));
}

export async function triggerByName(db: TenantDb, definitionId: string, name: string): Promise<TriggerRow | null> {
  const [row] = await db
    .select()
    .from(triggers)
    .where(and(eq(triggers.definitionId, definitionId), eq(triggers.name, name)));
  return row ?? null;
}

/** The trigger, locked until the transaction ends. */
export async function lockTrigger(db: TenantDb, id: string): Promise<TriggerRow | null> {
  const [row] = await db.select().from(triggers).where(eq(triggers.id, id)).for("update");
  return row ?? null;
}

export async function changeTrigger(
  db: TenantDb,
  id: string,
  change: Partial<Omit<TriggerRow, "id" | "tenantId" | "definitionId" | "name">>,
): Promise<TriggerRow> {
  const [changed] = await db.update(triggers).set(change).where(eq(triggers.id, id)).returning();
  return changed as TriggerRow;
}

export interface ReadyTrigger {
  readonly trigger: TriggerRow;
  readonly version: VersionRow;
}

/** Of published versions and switched on, for events of this type; by definition and name. */
export async function triggersOfEvent(db: TenantDb, eventType: string): Promise<ReadyTrigger[]> {
  return db
    .select({ trigger: triggers, version: versions })
    .from(triggers)
    .innerJoin(versions, eq(versions.id, triggers.versionId))
    .where(and(eq(triggers.eventType, eventType), eq(triggers.enabled, true), isNotNull(triggers.versionId)))
    .orderBy(triggers.definitionId, triggers.name);
}
