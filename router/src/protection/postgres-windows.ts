/** Windows that all routers share in PostgreSQL: one statement for each take, by the clock of the server. */
import { largePackages } from "../large-packages.js";
import type { WindowStore } from "./windows.js";

export interface PostgresWindowOptions {
  /** A user that may create a table, or finds it there. */
  readonly url: string;
  /** Default `tessera_router_windows`, in the first schema of the user's search path. */
  readonly table?: string;
  /** Default 4. */
  readonly connections?: number;
}

interface Row {
  readonly is_allowed: boolean;
  readonly previous: number;
  readonly current: number;
  readonly elapsed: number;
}

/** As libpq reads it: `?host=/folder` names the folder of the server's socket. */
function addressOf(text: string): { readonly url: string; readonly socket: { readonly host?: string } } {
  const url = new URL(text);
  const host = url.searchParams.get("host");
  url.searchParams.delete("host");
  return { url: url.href, socket: host === null ? {} : { host } };
}

const sweepEveryMs = 60_000;

/** Connects and makes its table with the first take; rejects while the server is away. */
export function createPostgresWindows(options: PostgresWindowOptions): WindowStore {
  const { url, table = "tessera_router_windows", connections = 4 } = options;
  if (!/^[a-z_][a-z0-9_]*$/.test(table)) throw new TypeError(`${table} is not the name of a table.`);
  const address = addressOf(url);
  const sql = largePackages.postgres()(address.url, {
    ...address.socket,
    max: connections,
    connect_timeout: 5,
    onnotice: () => {},
  });
  const statement = takeFrom(table);
  let ready: Promise<unknown> | null = null;

  function prepared(): Promise<unknown> {
    ready ??= sql.unsafe(createTable(table)).catch((error: unknown) => {
      ready = null;
      throw error;
    });
    return ready;
  }

  const sweep = () => sql.unsafe(`delete from ${table} where expires_at < now()`).catch(() => {});
  const sweeper = setInterval(() => ready && sweep(), sweepEveryMs).unref();

  return {
    async take(rules, amount) {
      await prepared();
      const columns = [
        rules.map(({ key }) => key),
        rules.map(({ limit }) => limit),
        rules.map((rule) => rule.windowMs),
      ];
      const rows = await sql.unsafe<Row[]>(statement, [...columns, amount] as never[], { prepare: true });
      const states = rows.map(({ previous, current, elapsed }) => ({ previous, current, elapsedMs: elapsed }));
      return { isAllowed: rows.every((row) => row.is_allowed), states };
    },
    async close() {
      clearInterval(sweeper);
      await sql.end({ timeout: 1 });
    },
  };
}

/** Counters are worth less than the speed of an unlogged table: a crash of the server starts them over. */
function createTable(table: string): string {
  return `create unlogged table if not exists ${table} (
    key text primary key, window_number bigint not null,
    previous float8 not null, current float8 not null, expires_at timestamptz not null)`;
}

/** $1 keys, $2 limits, $3 windows in ms, $4 amount. Rows are locked in the order of their keys, so takes cannot deadlock. */
function takeFrom(table: string): string {
  return `
with clock as materialized (select extract(epoch from clock_timestamp()) * 1000 as now),
asked as materialized (
  select ordinality, key, "limit", length, floor(now / length)::bigint as number, (now - floor(now / length) * length)::float8 as elapsed
  from unnest($1::text[], $2::float8[], $3::float8[]) with ordinality as rules(key, "limit", length, ordinality), clock),
kept as materialized (select w.* from ${table} w where w.key in (select key from asked) order by w.key for update),
counted as materialized (
  select asked.*,
    case when window_number = number then previous when window_number = number - 1 then current else 0 end as previous,
    case when window_number = number then current else 0 end as current
  from asked left join kept using (key)),
verdict as materialized (
  select bool_and(previous * (1 - elapsed / length) + current + $4::float8 <= "limit") as is_allowed from counted),
taken as (
  insert into ${table} as w (key, window_number, previous, current, expires_at)
  select key, number, previous, current + $4::float8, clock_timestamp() + 2 * length * interval '1 millisecond'
  from counted, verdict where is_allowed order by key
  on conflict (key) do update set
    window_number = excluded.window_number, expires_at = excluded.expires_at,
    previous = case when w.window_number = excluded.window_number then w.previous
      when w.window_number = excluded.window_number - 1 then w.current else 0 end,
    current = case when w.window_number = excluded.window_number then w.current else 0 end + $4::float8
  returning key, previous, current)
select is_allowed, coalesce(taken.previous, counted.previous) as previous,
  coalesce(taken.current, counted.current) as current, elapsed
from counted left join taken using (key), verdict order by ordinality`;
}
