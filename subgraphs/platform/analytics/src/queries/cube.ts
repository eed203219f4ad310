/** The one statement behind every cube. Names and values travel as parameters; only the shape depends on the question. */
import type { TenantDb } from "@tessera/database";
import { type SQL, sql } from "drizzle-orm";
import { type Aggregation, metrics, points, type StoredCubeQuery } from "../tables.js";

export interface CubeCellRow {
  readonly metricKey: string;
  readonly at: Date | null;
  readonly dimensions: readonly { readonly name: string; readonly value: string | null }[];
  readonly value: string;
  readonly count: number;
}

const figures: Readonly<Record<Aggregation, SQL>> = {
  SUM: sql`sum(x.value)`,
  AVG: sql`avg(x.value)`,
  MIN: sql`min(x.value)`,
  MAX: sql`max(x.value)`,
  COUNT: sql`count(*)`,
  LAST: sql`(array_agg(x.value order by x.at desc, x.recorded_at desc, x.id desc))[1]`,
};

interface Raw extends Record<string, unknown> {
  readonly key: string;
  readonly bucket: string | null;
  readonly names: readonly (string | null)[];
  /** Bit per dimension, the first one highest: 1 where it was added up over. */
  readonly mask: number;
  readonly value: string;
  readonly count: number;
}

/** At most `limit` cells. */
export async function readCube(db: TenantDb, query: StoredCubeQuery, limit: number): Promise<CubeCellRow[]> {
  const columns = query.groupBy.map((_, index) => sql.raw(`x.d${index}`));
  const list = sql.join(columns, sql`, `);
  const grouped = columns.length === 0 ? sql`` : query.subtotals ? sql`, cube (${list})` : sql`, ${list}`;
  const rows = await db.execute<Raw>(sql`
    select x.key, (extract(epoch from x.bucket) * 1000)::bigint::text as bucket,
      ${columns.length === 0 ? sql`'[]'::jsonb` : sql`jsonb_build_array(${list})`} as names,
      ${columns.length === 0 ? sql`0` : sql`grouping(${list})`} as mask,
      ${figures[query.aggregation]}::text as value, count(*)::int as count
    from (${filtered(query)}) x
    group by x.key, x.bucket${grouped}
    order by 1, x.bucket, 4, 3 limit ${limit}`);
  return rows.map((row) => cellOf(row, query.groupBy));
}

function filtered({ metricKeys, groupBy, filters, interval, from, to }: StoredCubeQuery): SQL {
  const dimensions = groupBy.map((name, index) => sql`, p.dimensions ->> ${name}::text as ${sql.raw(`d${index}`)}`);
  const bucket = interval ? sql`date_trunc(${interval.toLowerCase()}::text, p.at, 'UTC')` : sql`null::timestamptz`;
  const passes = Object.entries(filters).map(
    ([name, values]) => sql` and p.dimensions ->> ${name}::text = any(${sql.param(values)}::text[])`,
  );
  return sql`
    select m.key, p.value, p.at, p.recorded_at, p.id, ${bucket} as bucket${sql.join(dimensions)}
    from ${points} p join ${metrics} m on m.id = p.metric_id
    where m.key = any(${sql.param(metricKeys)}::text[]) and p.at >= ${from}::timestamptz and p.at < ${to}::timestamptz${sql.join(passes)}`;
}

function cellOf({ key, bucket, names, mask, value, count }: Raw, groupBy: readonly string[]): CubeCellRow {
  const highest = groupBy.length - 1;
  const dimensions = groupBy.flatMap((name, index) =>
    (mask >> (highest - index)) & 1 ? [] : [{ name, value: names[index] ?? null }],
  );
  return { metricKey: key, at: bucket === null ? null : new Date(Number(bucket)), dimensions, value, count };
}
