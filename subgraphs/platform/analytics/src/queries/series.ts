/** Roll-ups. All of one request are computed by one statement, whose text does not depend on how many there are. */
import type { TenantDb } from "@tessera/database";
import { sql } from "drizzle-orm";
import { type Aggregation, type Dimensions, type Interval, metrics, points } from "../tables.js";

export interface RollUpRequest {
  readonly metricKey: string;
  readonly interval: Interval;
  /** Points in [from, to); `to` null means no end. */
  readonly from: Date;
  readonly to: Date | null;
  /** Points that carry all of these. */
  readonly dimensions: Dimensions;
  readonly groupBy: string | null;
}

/** One bucket. Decimals as PostgreSQL computed them, exact but for the average. */
export interface RollUp {
  readonly group: string | null;
  readonly at: Date;
  readonly count: number;
  readonly sum: string;
  readonly avg: string;
  readonly min: string;
  readonly max: string;
  readonly last: string;
}

export function figureOf(rollUp: RollUp, aggregation: Aggregation): string {
  if (aggregation === "COUNT") return String(rollUp.count);
  return rollUp[aggregation.toLowerCase() as "sum" | "avg" | "min" | "max" | "last"];
}

interface Raw extends Record<string, unknown>, Omit<RollUp, "group" | "at"> {
  readonly n: number;
  readonly grp: string | null;
  readonly bucket: string;
}

// Times travel as epoch milliseconds: text of a timestamp depends on the session's time zone.
const bucketTime = sql`(extract(epoch from bucket) * 1000)::bigint::text as bucket`;
const figures = sql`
  count(*)::int as count, sum(p.value)::text as sum, avg(p.value)::text as avg, min(p.value)::text as min,
  max(p.value)::text as max, (array_agg(p.value order by p.at desc, p.recorded_at desc, p.id desc))[1]::text as last`;

/** Roll-ups of each request, in the order of the requests; buckets of a group in time order. */
export async function rollUps(db: TenantDb, requests: readonly RollUpRequest[]): Promise<RollUp[][]> {
  if (requests.length === 0) return [];
  const rows = await db.execute<Raw>(sql`
    select n, grp, ${bucketTime}, count, sum, avg, min, max, last
    from (
      select q.n, p.dimensions ->> q.grp as grp, date_trunc(q.unit, p.at, 'UTC') as bucket, ${figures}
      from jsonb_to_recordset(${JSON.stringify(requests.map(wire))}::jsonb)
        as q(n int, key text, unit text, starts timestamptz, ends timestamptz, dims jsonb, grp text)
      join ${metrics} m on m.key = q.key
      join ${points} p on p.metric_id = m.id and p.at >= q.starts and p.at < coalesce(q.ends, 'infinity')
        and p.dimensions @> q.dims
      group by q.n, 2, 3
    ) rolled order by n, grp, rolled.bucket`);
  const byRequest: RollUp[][] = requests.map(() => []);
  for (const row of rows) byRequest[row.n]?.push(rollUpOf(row));
  return byRequest;
}

/** The newest bucket that has points, for each request; `from` and `to` are not looked at. */
export async function newestRollUps(
  db: TenantDb,
  requests: readonly Omit<RollUpRequest, "from" | "to" | "groupBy">[],
): Promise<(RollUp | null)[]> {
  const all = requests.map((request, n) => wire({ ...request, from: new Date(0), to: null, groupBy: null }, n));
  const rows = await db.execute<Raw>(sql`
    select q.n, null as grp, (extract(epoch from newest.bucket) * 1000)::bigint::text as bucket, f.*
    from jsonb_to_recordset(${JSON.stringify(all)}::jsonb) as q(n int, key text, unit text, dims jsonb)
    join ${metrics} m on m.key = q.key
    cross join lateral (
      select date_trunc(q.unit, max(p.at), 'UTC') as bucket from ${points} p
      where p.metric_id = m.id and p.dimensions @> q.dims
    ) newest
    cross join lateral (
      select ${figures} from ${points} p
      where p.metric_id = m.id and p.dimensions @> q.dims and p.at >= newest.bucket
    ) f where newest.bucket is not null`);
  const found = new Map(rows.map((row) => [row.n, rollUpOf(row)]));
  return requests.map((_, n) => found.get(n) ?? null);
}

function wire({ metricKey, interval, from, to, dimensions, groupBy }: RollUpRequest, n: number) {
  return { n, key: metricKey, unit: interval.toLowerCase(), starts: from, ends: to, dims: dimensions, grp: groupBy };
}

function rollUpOf({ grp, bucket, count, sum, avg, min, max, last }: Raw): RollUp {
  return { group: grp, at: new Date(Number(bucket)), count, sum, avg, min, max, last };
}
