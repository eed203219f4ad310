/** What belongs to one tenant alone, read past every rule: the ids, texts and figures nobody else may ever be shown. */
import { createHash } from "node:crypto";
import type { Database } from "@tessera/database";
import { isId, type Secrets, secretsIn, union, without } from "./secrets.js";

export interface Belongings {
  /** How many rows the tenant has in each table that holds rows of tenants, by `schema.table`. */
  readonly rows: ReadonlyMap<string, number>;
  /** Ids by kind: the name of a table or of a column, in the singular, such as `service_account` or `user`. */
  readonly ids: ReadonlyMap<string, readonly string[]>;
  /** Texts by the column they are in. */
  readonly texts: ReadonlyMap<string, readonly string[]>;
  /** What occurs in this tenant's rows and in nobody else's. */
  readonly secrets: Secrets;
}

type Row = Readonly<Record<string, unknown>>;
interface Table {
  readonly name: string;
  /** The column that says whose a row is; none in tables that belong to nobody in particular. */
  readonly owner: string | undefined;
  readonly rows: readonly Row[];
}
interface OwnedRow {
  readonly table: string;
  readonly row: Row;
}

/** Columns that name a row's tenant; the second in tables that a module guards itself. */
const ownerColumns = ["tenant_id", "organization_id"];

export async function belongingsOf(database: Database, tenantId: string): Promise<Belongings> {
  const tables = await readTables(database);
  const owned = tables.filter(({ owner }) => owner !== undefined);
  const mine = owned.flatMap(({ name, owner = "", rows }) => named(name, rowsOf(rows, owner, tenantId)));
  const others = owned.flatMap(({ owner = "", rows }) => rows.filter((row) => row[owner] !== tenantId));
  const otherSecrets = union(others.map(secretsIn));
  // People and what is theirs belong to nobody; whom only this tenant's rows name is this tenant's.
  const known = without(union(mine.map(({ row }) => secretsIn(row))), otherSecrets).ids;
  const loose = tables.filter(({ owner }) => owner === undefined).flatMap(({ name, rows }) => named(name, rows));
  const claimed = loose.filter(({ row }) => [...secretsIn(row).ids].some((id) => known.has(id)));
  const unclaimed = union(loose.filter((one) => !claimed.includes(one)).map(({ row }) => secretsIn(row)));
  const all = [...mine, ...claimed];
  return {
    rows: new Map(owned.map(({ name, owner = "", rows }) => [name, rowsOf(rows, owner, tenantId).length])),
    ids: idsByKind(all, otherSecrets),
    texts: textsByColumn(mine),
    secrets: without(without(union(all.map(({ row }) => secretsIn(row))), otherSecrets), unclaimed),
  };
}

/** A digest of everything a tenant owns, table by table, to see that nothing of it was changed; of all without a tenant. */
export async function digestOf(database: Database, tenantId?: string): Promise<Record<string, string>> {
  const tables = await readTables(database);
  const mine = (table: Table) =>
    tenantId === undefined ? table.rows : table.owner ? rowsOf(table.rows, table.owner, tenantId) : [];
  return Object.fromEntries(tables.map((table) => [table.name, digest(mine(table))]));
}

function digest(rows: readonly Row[]): string {
  const lines = rows.map((row) => JSON.stringify(row)).sort();
  return `${rows.length} rows, ${createHash("sha256").update(lines.join("\n")).digest("hex").slice(0, 12)}`;
}

const rowsOf = (rows: readonly Row[], owner: string, tenantId: string) => rows.filter((row) => row[owner] === tenantId);
const named = (table: string, rows: readonly Row[]): OwnedRow[] => rows.map((row) => ({ table, row }));

async function readTables({ admin }: Database): Promise<Table[]> {
  const found = await admin<{ schema: string; table: string; columns: string[] }[]>`
    select t.table_schema as schema, t.table_name as table, array_agg(c.column_name::text) as columns
    from information_schema.tables t join information_schema.columns c using (table_schema, table_name)
    where t.table_type = 'BASE TABLE' and t.table_schema not in ('kernel', 'public', 'information_schema')
      and t.table_schema not like 'pg\\_%'
    group by 1, 2 order by 1, 2`;
  const tables: Table[] = [];
  for (const { schema, table, columns } of found) {
    const rows = await admin<{ row: Row }[]>`select to_jsonb(t) as row from ${admin(schema)}.${admin(table)} t`;
    const owner = ownerColumns.find((column) => columns.includes(column));
    tables.push({ name: `${schema}.${table}`, owner, rows: rows.map(({ row }) => row) });
  }
  return tables;
}

/** Rows' own ids under the table's name, other ids under their column's, unless they are some row's already. */
function idsByKind(rows: readonly OwnedRow[], others: Secrets): Map<string, string[]> {
  const kinds = new Map<string, Set<string>>();
  const add = (kind: string, id: unknown) => {
    if (!isId(id) || others.ids.has(id)) return;
    kinds.set(kind, (kinds.get(kind) ?? new Set()).add(id));
  };
  for (const { table, row } of rows) add(singular(table.split(".")[1] ?? table), row.id);
  const known = new Set([...kinds.values()].flatMap((ids) => [...ids]));
  for (const { row } of rows) {
    for (const [column, value] of Object.entries(row)) {
      const values = Array.isArray(value) ? value : [value];
      for (const one of values) if (!known.has(one)) add(singular(column.replace(/_ids?$/, "")), one);
    }
  }
  return new Map([...kinds].map(([kind, ids]) => [kind, [...ids]]));
}

function textsByColumn(rows: readonly OwnedRow[]): Map<string, string[]> {
  const columns = new Map<string, Set<string>>();
  for (const { row } of rows) {
    for (const [column, value] of Object.entries(row)) {
      for (const text of Array.isArray(value) ? value : [value]) {
        if (typeof text === "string") columns.set(column, (columns.get(column) ?? new Set()).add(text));
      }
    }
  }
  return new Map([...columns].map(([column, texts]) => [column, [...texts]]));
}

function singular(word: string): string {
  return word.replace(/s$/, "");
}
