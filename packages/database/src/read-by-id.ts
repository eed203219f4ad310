/** The read every entity needs: many ids in, one row or `null` for each out, in the order of the ids. */
import { type SQL, sql } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import type { TenantDb } from "./contract.js";
import { inKeyOrder } from "./keys.js";

type TableWithId = PgTable & { readonly id: PgColumn };
type Row<Table extends TableWithId> = Table["$inferSelect"] & { readonly id: string };

/**
 * A batched read of `table` by its column `id`, as `defineSubgraph({ entities })` and `context.load` take it. Rows the
 * tenant may not see are `null`.
 *
 *     export const booksById = readById(books);
 */
export function readById<Table extends TableWithId>(
  table: Table,
): (db: TenantDb, ids: readonly string[]) => Promise<(Row<Table> | null)[]> {
  return async (db, ids) => {
    const rows = await db
      .select()
      .from(table as PgTable)
      .where(isAnyOf(table.id, ids));
    return inKeyOrder(ids, rows as Row<Table>[], ({ id }) => id);
  };
}

/** One parameter however many ids, so the statement has one text and is prepared once. */
function isAnyOf(column: PgColumn, ids: readonly string[]): SQL {
  const elements = ids.map((id) => `"${id.replace(/["\\]/g, "\\$&")}"`).join(",");
  return sql`${column} = any(${`{${elements}}`}::${sql.raw(column.getSQLType())}[])`;
}
