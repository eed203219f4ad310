/** What every subject is given: the same events, and one table in which they have their effect. */
import { randomUUID } from "node:crypto";
import postgres from "postgres";

export const tenants = Array.from({ length: 4 }, (_, n) => `0190a000-0000-7000-8000-00000000000${n}`);
const keys = 200;
const text =
  "A line of text as long as the facts of a small change usually are, with a name, a place and a reason in it. ";

/** About 250 bytes as JSON. */
export const payloadOf = (n) => ({ n, id: randomUUID(), key: `k${n % keys}`, amount: n % 1_000, note: text });
export const tenantOf = (n) => tenants[n % tenants.length];

/** What `make` makes of 0 to `count - 1`, five hundred at a time. */
export function batchesOf(count, make) {
  return Array.from({ length: Math.ceil(count / 500) }, (_, batch) =>
    Array.from({ length: Math.min(500, count - batch * 500) }, (_, index) => make(batch * 500 + index)),
  );
}

/** Effects carry no unique key, so that one too many would show; marks are what keeps them from coming twice. */
export async function prepareTables(sql) {
  await sql.unsafe(`
    create schema if not exists bench;
    create table if not exists bench.source (n bigint generated always as identity, event json, carried boolean not null default false);
    create table if not exists bench.effect (consumer text not null, event_id uuid not null, key text not null, n int not null);
    create table if not exists bench.seen (consumer text, event_id uuid, primary key (consumer, event_id));
    grant usage on schema bench to public;
    grant insert on bench.effect, bench.source to public;`);
}

export async function countEffects(sql, consumer) {
  const [row] = await sql`
    select count(*)::int as effects, count(distinct event_id)::int as events from bench.effect where consumer = ${consumer}`;
  return row;
}

/** `postgres://user@localhost/name?host=/socket` as options of pg and postgres.js. */
export function connectionOf(url) {
  const { searchParams, hostname, port, username, password, pathname } = new URL(url);
  return {
    host: searchParams.get("host") ?? hostname,
    port: Number(port || 5432),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: pathname.slice(1),
  };
}

/** The peers' own way to PostgreSQL, with as many connections as ours has. */
export function connect(url) {
  const { user, ...rest } = connectionOf(url);
  return postgres({ ...rest, username: user, max: 10, onnotice: () => {} });
}
