/** Relay connections by keyset. */
import type { SQL } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import type { TenantDb } from "./contract.js";

/** Arguments of a Relay connection field, as GraphQL hands them over. */
export interface PageArguments {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly last?: number | null;
  readonly before?: string | null;
}

export interface OrderBy {
  readonly column: PgColumn;
  readonly direction: "asc" | "desc";
}

/** A Relay connection. `totalCount` counts when it is called, and only then. */
export interface Connection<Row> {
  readonly edges: readonly { readonly cursor: string; readonly node: Row }[];
  readonly nodes: readonly Row[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  totalCount(): Promise<number>;
}

export interface PageRequest<Table extends PgTable> {
  readonly from: Table;
  readonly where?: SQL | undefined;
  /** Columns to sort by; the table's `id` is added as the last one. */
  readonly orderBy: readonly OrderBy[];
  readonly page: PageArguments;
}

/** One page of a table. */
export async function paginate<Table extends PgTable>(
  _db: TenantDb,
  _request: PageRequest<Table>,
): Promise<Connection<Table["$inferSelect"]>> {
  throw new Error("paginate is not written yet");
}
