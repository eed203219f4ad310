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
  const [found] = await admin`select to_regclass('kernel.cache') is not null as there`;
  if (!found?.there) {
    await ensureRoles(admin, []);
    await admin.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(${schemaLock})`;
      await ensureKernel(tx);
    });
  }
  const near = new Near();
  const forget = (message: string) => near.forget(message);
  const listening = await admin.listen(channel, forget, () => forget("*"));
  return new PostgresCache(admin, near, () => listening.unlisten());
}

/** What this process remembers of the shared cache. */
class Near {
  readonly #values = new Map<string, Remembered>();
  /** Counts what was forgotten, so that a value read before is not remembered after. */
  epoch = 0;

  get(key: string): Remembered | undefined {
    const known = this.#values.get(key);
    return known && known.until > Date.now() ? known : undefined;
  }

  remember(key: string, value: unknown, until: number): void {
    this.#values.delete(key);
    this.#values.set(key, { value, until: Math.min(until, Date.now() + rememberedForMs) });
    if (this.#values.size > rememberedAtMost) this.#values.delete(this.#values.keys().next().value ?? "");
  }

  /** `=key` forgets one, `*prefix` all that start so. */
  forget(message: string): void {
    this.epoch += 1;
    const key = message.slice(1);
    if (message.startsWith("=")) this.#values.delete(key);
    else for (const known of this.#values.keys()) if (known.startsWith(key)) this.#values.delete(known);
  }
}

class PostgresCache implements Cache {
  readonly #admin: Database["admin"];
  readonly #near: Near;
  readonly #unlisten: () => Promise<void>;
  readonly #sweeper: NodeJS.Timeout;

  constructor(admin: Database["admin"], near: Near, unlisten: () => Promise<void>) {
    this.#admin = admin;
    this.#near = near;
    this.#unlisten = unlisten;
    const sweep = () => admin`delete from kernel.cache where expires_at < now()`.catch(() => {});
    this.#sweeper = setInterval(sweep, sweepEveryMs).unref();
  }

  async get<T>(key: string): Promise<T | undefined> {
    const known = this.#near.get(key);
    if (known) return known.value as T;
    const { epoch } = this.#near;
    const [row] = await this.#admin<{ value: T; left: number }[]>`
      select value, (extract(epoch from expires_at - now()) * 1000)::float8 as left
        from kernel.cache where key = ${key} and expires_at > now()`;
    if (!row) return undefined;
    if (this.#near.epoch === epoch) this.#near.remember(key, row.value, Date.now() + row.left);
    return row.value;
  }

  async set(key: string, value: unknown, ttlSeconds: number): Promise<void> {
    if (ttlSeconds <= 0) return;
    await this.#admin`
      with stored as (
        insert into kernel.cache (key, value, expires_at)
        values (${key}, ${this.#admin.json(value as never)}, now() + make_interval(secs => ${ttlSeconds}))
        on conflict (key) do update set value = excluded.value, expires_at = excluded.expires_at
      ) select pg_notify(${channel}, ${notice("=", key)})`;
    this.#near.forget(`=${key}`);
  }

  async delete(key: string): Promise<void> {
    this.#near.forget(`=${key}`);
    await this.#admin`with gone as (delete from kernel.cache where key = ${key})
                      select pg_notify(${channel}, ${notice("=", key)})`;
  }

  async deletePrefix(prefix: string): Promise<void> {
    this.#near.forget(`*${prefix}`);
    await this.#admin`with gone as (delete from kernel.cache where starts_with(key, ${prefix}))
                      select pg_notify(${channel}, ${notice("*", prefix)})`;
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    await this.#unlisten().catch(() => {});
  }
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
