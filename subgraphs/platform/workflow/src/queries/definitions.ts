/** Definitions, their versions, and the triggers of what is published. */
import {
  type Connection,
  groupByKey,
  inKeyOrder,
  type PageArguments,
  paginate,
  readById,
  type TenantDb,
} from "@tessera/database";
import { and, desc, eq, inArray, max } from "drizzle-orm";
import { type DefinitionRow, definitions, type TriggerRow, triggers, type VersionRow, versions } from "../tables.js";

export const definitionsById = readById(definitions);
export const versionsById = readById(versions);
export const triggersById = readById(triggers);

export async function definitionsByKey(db: TenantDb, keys: readonly string[]): Promise<(DefinitionRow | null)[]> {
  const rows = await db
    .select()
    .from(definitions)
    .where(inArray(definitions.key, [...keys]));
  return inKeyOrder(keys, rows, (row) => row.key);
}

export function pageOfDefinitions(db: TenantDb, page: PageArguments): Promise<Connection<DefinitionRow>> {
  return paginate(db, { from: definitions, orderBy: [{ column: definitions.name, direction: "asc" }], page });
}

/** Newest first. */
export async function versionsOfDefinitions(db: TenantDb, ids: readonly string[]): Promise<VersionRow[][]> {
  const rows = await db
    .select()
    .from(versions)
    .where(inArray(versions.definitionId, [...ids]))
    .orderBy(desc(versions.number));
  return groupByKey(ids, rows, (row) => row.definitionId);
}

const versionsInState = (state: VersionRow["state"]) => async (db: TenantDb, ids: readonly string[]) => {
  const rows = await db
    .select()
    .from(versions)
    .where(and(inArray(versions.definitionId, [...ids]), eq(versions.state, state)));
  return inKeyOrder(ids, rows, (row) => row.definitionId);
};
export const draftsOfDefinitions = versionsInState("DRAFT");
export const publishedOfDefinitions = versionsInState("PUBLISHED");

export async function triggersOfDefinitions(db: TenantDb, ids: readonly string[]): Promise<TriggerRow[][]> {
  const rows = await db
    .select()
    .from(triggers)
    .where(inArray(triggers.definitionId, [...ids]))
    .orderBy(triggers.name);
  return groupByKey(ids, rows, (row) => row.definitionId);
}

/** `null` when the key is taken. */
export async function addDefinition(
  db: TenantDb,
  row: Pick<DefinitionRow, "key" | "name" | "description" | "createdBy" | "createdAt"> & { readonly id?: string },
): Promise<DefinitionRow | null> {
  const [added] = await db.insert(definitions).values(row).onConflictDoNothing().returning();
  return added ?? null;
}

/** The definition, locked until the transaction ends: one editor at a time. */
export async function lockDefinition(db: TenantDb, id: string): Promise<DefinitionRow | null> {
  const [row] = await db.select().from(definitions).where(eq(definitions.id, id)).for("update");
  return row ?? null;
}

export async function lastVersionNumber(db: TenantDb, definitionId: string): Promise<number> {
  const [row] = await db
    .select({ number: max(versions.number) })
    .from(versions)
    .where(eq(versions.definitionId, definitionId));
  return row?.number ?? 0;
}

export async function addVersion(
  db: TenantDb,
  row: Pick<VersionRow, "definitionId" | "number" | "content" | "createdBy" | "createdAt">,
): Promise<VersionRow> {
  const [added] = await db
    .insert(versions)
    .values({ ...row, state: "DRAFT" })
    .returning();
  return added as VersionRow;
}

export async function changeVersion(
  db: TenantDb,
  id: string,
  change: Partial<
    Pick<VersionRow, "content" | "state" | "publishedBy" | "publishedAt" | "retiredAt" | "createdBy" | "createdAt">
  >,
): Promise<VersionRow> {
  const [changed] = await db.update(versions).set(change).where(eq(versions.id, id)).returning();
  return changed as VersionRow;
}

export async function removeVersion(db: TenantDb, id: string): Promise<void> {
  await db.delete(versions).where(eq(versions.id, id));
}
