/**
 * Relay connections by keyset: a page starts right after the row a cursor names, whatever was inserted or deleted before
 * it. Nulls sort where PostgreSQL puts them by default: after all values when ascending, before them when descending.
 */
import { and, asc, desc, getTableColumns, type SQL, sql } from "drizzle-orm";
import { getTableConfig, type PgColumn, PgEnumColumn, type PgTable } from "drizzle-orm/pg-core";
import type { TenantDb } from "./contract.js";
import { type CursorValues, decodeCursor, encodeCursor, invalidCursor, orderName } from "./cursor.js";
import { DatabaseError } from "./errors.js";

/** Arguments of a Relay connection field, as GraphQL hands them over. */
export interface PageArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
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
  /** Columns of the table to sort by; its `id` is added as the last one, in the direction of the one before it. */
  readonly orderBy: readonly OrderBy[];
  readonly page: PageArguments;
}

const defaultSize = 50;
const largestSize = 200;

/**
 * One page of a table: forward with `first`/`after` (50 rows when neither is given), backward with `last`/`before`.
 *
 * @throws DatabaseError INVALID_PAGE for sizes outside 0–200 or both directions at once, INVALID_CURSOR for a cursor of
 * another list or order.
 */
export async function paginate<Table extends PgTable>(
  db: TenantDb,
  request: PageRequest<Table>,
): Promise<Connection<Table["$inferSelect"]>> {
  const { size, backward, cursor } = readPage(request.page);
  const order = fullOrder(request.from, request.orderBy);
  const name = orderName([
    getTableConfig(request.from).name,
    ...order.map(({ column, direction }) => `${column.name} ${direction}`),
  ]);
  const from = cursor === null ? null : decodeCursor(name, order.length, cursor);
  const walk = backward ? order.map(reverse) : order;
  const rows = await fetchRows(db, request, walk, from, size + 1);
  const hasMore = rows.length > size;
  const edges = rows
    .slice(0, size)
    .map(({ node, keys }) => ({ cursor: encodeCursor(name, keys), node: node as Table["$inferSelect"] }));
  if (backward) edges.reverse();
  let count: Promise<number> | null = null;
  return {
    edges,
    nodes: edges.map((edge) => edge.node),
    pageInfo: {
      hasNextPage: backward ? cursor !== null : hasMore,
      hasPreviousPage: backward ? hasMore : cursor !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: () => {
      count ??= db.$count(request.from, request.where).then(Number);
      return count;
    },
  };
}

function readPage({ first, after, last, before }: PageArguments) {
  const backward = (last ?? null) !== null || ((before ?? null) !== null && (first ?? null) === null);
  const mixed = backward ? (first ?? after ?? null) !== null : (before ?? null) !== null;
  if (mixed) throw invalidPage("Use first with after, or last with before, not both.");
  const size = (backward ? last : first) ?? defaultSize;
  if (!Number.isInteger(size) || size < 0 || size > largestSize) {
    throw invalidPage(`A page has 0 to ${largestSize} rows: ${size} cannot be asked for.`);
  }
  return { size, backward, cursor: (backward ? before : after) ?? null };
}

function invalidPage(message: string): DatabaseError {
  return new DatabaseError("INVALID_PAGE", message);
}

function fullOrder(table: PgTable, orderBy: readonly OrderBy[]): readonly OrderBy[] {
  const id = getTableColumns(table).id as PgColumn | undefined;
  if (!id) throw new DatabaseError("INVALID_PAGE", `Table "${getTableConfig(table).name}" has no id to sort by last.`);
  if (orderBy.some(({ column }) => column === id)) return orderBy;
  return [...orderBy, { column: id, direction: orderBy.at(-1)?.direction ?? "asc" }];
}

const reverse = ({ column, direction }: OrderBy): OrderBy => ({
  column,
  direction: direction === "asc" ? "desc" : "asc",
});

async function fetchRows(
  db: TenantDb,
  { from, where }: PageRequest<PgTable>,
  order: readonly OrderBy[],
  after: CursorValues | null,
  limit: number,
): Promise<{ node: unknown; keys: CursorValues }[]> {
  const texts = sql.join(
    order.map(({ column }) => sql`${column}::text`),
    sql`, `,
  );
  const keys = sql<CursorValues>`array[${texts}]`;
  try {
    return await db
      .select({ node: getTableColumns(from), keys })
      .from(from)
      .where(and(where, after ? beyond(order, after) : undefined))
      .orderBy(...order.map(({ column, direction }) => (direction === "asc" ? asc(column) : desc(column))))
      .limit(limit);
  } catch (error) {
    // Class 22: a value of the cursor does not fit its column.
    const state = String((error as DatabaseError).details?.sqlState ?? "");
    throw after && state.startsWith("22") ? invalidCursor(error) : error;
  }
}

/** Rows that come after the given values. */
function beyond(order: readonly OrderBy[], values: CursorValues): SQL {
  const uniform = order.every(({ column, direction }) => column.notNull && direction === order[0]?.direction);
  // A row comparison is what an index over the same columns answers directly.
  return uniform ? rowComparison(order, values) : stepwise(order, values);
}

function rowComparison(order: readonly OrderBy[], values: CursorValues): SQL {
  const columns = sql.join(
    order.map(({ column }) => sql`${column}`),
    sql`, `,
  );
  const bounds = sql.join(
    order.map(({ column }, index) => typed(column, values[index] ?? null)),
    sql`, `,
  );
  return order[0]?.direction === "asc" ? sql`(${columns}) > (${bounds})` : sql`(${columns}) < (${bounds})`;
}

/** `a beyond x, or a = x and (b beyond y, or …)` */
function stepwise([first, ...rest]: readonly OrderBy[], [value = null, ...others]: CursorValues): SQL {
  if (!first) return sql`false`;
  const next = sql`${equals(first.column, value)} and ${stepwise(rest, others)}`;
  return sql`(${past(first, value)} or (${next}))`;
}

function equals(column: PgColumn, value: string | null): SQL {
  return value === null ? sql`${column} is null` : sql`${column} = ${typed(column, value)}`;
}

function past({ column, direction }: OrderBy, value: string | null): SQL {
  if (direction === "desc")
    return value === null ? sql`${column} is not null` : sql`${column} < ${typed(column, value)}`;
  if (value === null) return sql`false`;
  const greater = sql`${column} > ${typed(column, value)}`;
  return column.notNull ? greater : sql`(${greater} or ${column} is null)`;
}

const serialTypes: Readonly<Record<string, string>> = {
  serial: "integer",
  bigserial: "bigint",
  smallserial: "smallint",
};

function typed(column: PgColumn, value: string | null): SQL {
  const type = column.getSQLType();
  if (column instanceof PgEnumColumn) {
    const { schema, enumName } = column.enum;
    const name = schema ? sql`${sql.identifier(schema)}.${sql.identifier(enumName)}` : sql.identifier(enumName);
    return sql`${value}::text::${name}`;
  }
  return sql`${value}::text::${sql.raw(serialTypes[type] ?? type)}`;
}
