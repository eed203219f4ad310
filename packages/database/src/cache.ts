/**
 * A cache that all processes share. Losing it loses time only: in PostgreSQL it is an unlogged table, empty again after
 * a crash.
 */
import { createClient } from "redis";
import type { Database } from "./contract.js";
import { ensureKernel, ensureRoles, schemaLock } from "./migrate/kernel-schema.js";

export interface Cache {
  /** The value stored under `key`, or undefined. Values are JSON. */
  get<T>(key: string): Promise<T | undefined>;
  /** `undefined` cannot be stored. A time to live of 0 or less stores nothing. */
  set(key: string, value: unknown, ttlSeconds: number): Promise<void>;
  delete(key: string): Promise<void>;
  deletePrefix(prefix: string): Promise<void>;
  close(): Promise<void>;
}

/** Opens the cache: in Redis when `redisUrl` is given, in PostgreSQL with a small layer in this process otherwise. */
export async function openCache({ database, redisUrl }: { database: Database; redisUrl?: string }): Promise<Cache> {
  return redisUrl ? redisCache(redisUrl) : postgresCache(database);
}

interface Remembered {
  readonly value: unknown;
  readonly until: number;
}

const channel = "tessera_cache";
const rememberedAtMost = 1000;
/** Bounds how stale this process can be should a notification be lost with its connection. */
const rememberedForMs = 5000;
const sweepEveryMs = 60_000;

async function postgresCache({ admin }: Database): Promise<Cache> {
  const near = new Map<string, Remembered>();
  // Counts what was forgotten, so that a value read before does not come back after.
  let epoch = 0;
  const forget = (message: string) => {
    epoch += 1;
    const key = message.slice(1);
    if (message.startsWith("=")) near.delete(key);
    else for (const known of near.keys()) if (known.startsWith(key)) near.delete(known);
  };
  const remember = (key: string, value: unknown, until: number) => {
    near.delete(key);
    near.set(key, { value, until: Math.min(until, Date.now() + rememberedForMs) });
    if (near.size > rememberedAtMost) near.delete(near.keys().next().value ?? "");
  };

  const [found] = await admin`select to_regclass('kernel.cache') is not null as there`;
  if (!found?.there) {
    await ensureRoles(admin, []);
    await admin.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(${schemaLock})`;
      await ensureKernel(tx);
    });
  }
  const listening = await admin.listen(channel, forget, () => forget("*"));
  const sweep = () => admin`delete from kernel.cache where expires_at < now()`.catch(() => {});
  const sweeper = setInterval(sweep, sweepEveryMs).unref();

  return {
    async get<T>(key: string) {
      const known = near.get(key);
      if (known && known.until > Date.now()) return known.value as T;
      const before = epoch;
      const [row] = await admin<{ value: T; left: number }[]>`
        select value, (extract(epoch from expires_at - now()) * 1000)::float8 as left
          from kernel.cache where key = ${key} and expires_at > now()`;
      if (!row) return undefined;
      if (epoch === before) remember(key, row.value, Date.now() + row.left);
      return row.value;
    },
    async set(key, value, ttlSeconds) {
      if (ttlSeconds <= 0) return;
      await admin`
        with stored as (
          insert into kernel.cache (key, value, expires_at)
          values (${key}, ${admin.json(value as never)}, now() + make_interval(secs => ${ttlSeconds}))
          on conflict (key) do update set value = excluded.value, expires_at = excluded.expires_at
        ) select pg_notify(${channel}, ${notice("=", key)})`;
      forget(`=${key}`);
    },
    async delete(key) {
      forget(`=${key}`);
      await admin`with gone as (delete from kernel.cache where key = ${key})
                  select pg_notify(${channel}, ${notice("=", key)})`;
    },
    async deletePrefix(prefix) {
      forget(`*${prefix}`);
      await admin`with gone as (delete from kernel.cache where starts_with(key, ${prefix}))
                  select pg_notify(${channel}, ${notice("*", prefix)})`;
    },
    async close() {
      clearInterval(sweeper);
      await listening.unlisten().catch(() => {});
    },
  };
}

/** What other processes are told to forget; a notification holds 8000 bytes, a longer key is forgotten by its start. */
function notice(kind: "=" | "*", key: string): string {
  return key.length > 1500 ? `*${key.slice(0, 1500)}` : kind + key;
}

async function redisCache(url: string): Promise<Cache> {
  const client = createClient({ url });
  // Without a listener a lost connection would end the process; commands report it themselves.
  client.on("error", () => {});
  await client.connect();
  const own = "tessera:cache:";
  return {
    async get<T>(key: string) {
      const text = await client.get(own + key);
      return text === null ? undefined : (JSON.parse(text) as T);
    },
    async set(key, value, ttlSeconds) {
      if (ttlSeconds > 0) await client.set(own + key, JSON.stringify(value), { PX: Math.ceil(ttlSeconds * 1000) });
    },
    async delete(key) {
      await client.unlink(own + key);
    },
    async deletePrefix(prefix) {
      const pattern = `${own}${prefix.replace(/[*?[\]\\]/g, "\\$&")}*`;
      for await (const keys of client.scanIterator({ MATCH: pattern, COUNT: 500 })) {
        if (keys.length > 0) await client.unlink(keys);
      }
    },
    async close() {
      await client.close();
    },
  };
}
