/** Many rows in few statements: they travel as one JSON document instead of tens of thousands of parameters. */
import type { TenantDb } from "@tessera/database";
import { getTableColumns, type SQL, sql } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";

const rowsPerStatement = 1_000;

/** @param onRows told how many rows are written so far */
export async function insertRows<Table extends PgTable>(
  db: TenantDb,
  table: Table,
  rows: readonly Table["$inferInsert"][],
  onRows: (written: number) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  for (let from = 0; from < rows.length; from += rowsPerStatement) {
    const part = rows.slice(from, from + rowsPerStatement);
    await db.execute(insertStatement(table, part));
    await onRows(from + part.length);
  }
}

/** Columns no row mentions keep their defaults, the tenant above all. */
function insertStatement(table: PgTable, rows: readonly Record<string, unknown>[]): SQL {
  const named = new Set(rows.flatMap((row) => Object.keys(row)));
  const columns = Object.entries<PgColumn>(getTableColumns(table)).filter(([property]) => named.has(property));
  const names = sql.join(
    columns.map(([, { name }]) => sql.identifier(name)),
    sql`, `,
  );
  const types = columns.map(([, column]) => sql`${sql.identifier(column.name)} ${sql.raw(column.getSQLType())}`);
  const document = rows.map((row) =>
    Object.fromEntries(columns.map(([property, { name }]) => [name, row[property] ?? null])),
  );
  return sql`insert into ${table} (${names})
    select ${names} from jsonb_to_recordset(${JSON.stringify(document)}::text::jsonb) as row(${sql.join(types, sql`, `)})`;
}
