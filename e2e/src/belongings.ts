/** What belongs to one tenant alone, read past every rule: the ids and texts nobody else may ever be shown. */
import type { Database } from "@tessera/database";

export interface Belongings {
  /** Ids of rows of this tenant, by `schema.table`. */
  readonly ids: ReadonlyMap<string, readonly string[]>;
  /** Texts long enough to be recognised that occur in this tenant's rows and in no other's. */
  readonly texts: readonly string[];
}

interface TenantTable {
  readonly schema: string;
  readonly table: string;
}

/** Shorter texts are words of the trade, not somebody's data. */
const shortestText = 12;

export async function tenantTables({ admin }: Database): Promise<TenantTable[]> {
  return admin<TenantTable[]>`
    select c.table_schema as schema, c.table_name as table from information_schema.columns c
    join information_schema.columns i using (table_schema, table_name)
    where c.column_name = 'tenant_id' and i.column_name = 'id'
      and c.table_schema not in ('kernel', 'public', 'information_schema') and c.table_schema not like 'pg\\_%'
    order by 1, 2`;
}

export async function belongingsOf(database: Database, tenantId: string): Promise<Belongings> {
  const { admin } = database;
  const ids = new Map<string, string[]>();
  const own = new Set<string>();
  const others = new Set<string>();
  for (const { schema, table } of await tenantTables(database)) {
    const rows = await admin<{ id: string; mine: boolean; row: Record<string, unknown> }[]>`
      select id::text, tenant_id = ${tenantId} as mine, to_jsonb(t) as row from ${admin(schema)}.${admin(table)} t
      where tenant_id is not null`;
    ids.set(
      `${schema}.${table}`,
      rows.filter(({ mine }) => mine).map(({ id }) => id),
    );
    for (const { mine, row } of rows) collectTexts(row, mine ? own : others);
  }
  return { ids, texts: [...own].filter((text) => !others.has(text)) };
}

function collectTexts(row: Record<string, unknown>, into: Set<string>): void {
  for (const value of Object.values(row)) {
    if (typeof value === "string" && value.length >= shortestText && /[a-z]{4}/i.test(value)) into.add(value);
  }
}

/** A digest of everything a tenant owns, table by table, to see that nothing of it was changed. */
export async function digestOf(database: Database, tenantId: string): Promise<Record<string, string>> {
  const { admin } = database;
  const digests: Record<string, string> = {};
  for (const { schema, table } of await tenantTables(database)) {
    const [row] = await admin<{ digest: string | null }[]>`
      select md5(string_agg(t::text, '|' order by t.id::text)) as digest from ${admin(schema)}.${admin(table)} t
      where tenant_id = ${tenantId}`;
    digests[`${schema}.${table}`] = row?.digest ?? "empty";
  }
  return digests;
}
