/**
 * The cache in PostgreSQL: an unlogged table, empty again after a crash, and before it what this process remembers of it,
 * kept in step by notifications.
 */
import { LRUCache } from "lru-cache";
import type { Database } from "../contract.js";
import { ensureKernel, ensureRoles, schemaLock } from "../migrate/kernel-schema.js";
import type { CacheDriver } from "./contract.js";

interface Remembered {
  readonly value: unknown;
  readonly until: number;
}

const channel = "tessera_cache";
const rememberedAtMost = 1000;
/** Bounds how stale this process can be should a notification be lost with its connection. */
const rememberedForMs = 5000;
const sweepEveryMs = 60_000;

export async function openPostgresCache({ admin }: Database): Promise<CacheDriver> {
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
  readonly #values = new LRUCache<string, Remembered>({ max: rememberedAtMost });
  /** Counts what was forgotten, so that a value read before is not remembered after. */
  epoch = 0;

  get(key: string): Remembered | undefined {
    const known = this.#values.get(key);
    return known && known.until > Date.now() ? known : undefined;
  }

  remember(key: string, value: unknown, until: number): void {
    this.#values.set(key, { value, until: Math.min(until, Date.now() + rememberedForMs) });
  }

  /** `=key` forgets one, `*prefix` all that start so. */
  forget(message: string): void {
    this.epoch += 1;
    const key = message.slice(1);
    if (message.startsWith("=")) this.#values.delete(key);
    else for (const known of [...this.#values.keys()]) if (known.startsWith(key)) this.#values.delete(known);
  }
}

class PostgresCache implements CacheDriver {
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
        values (${key}, ${JSON.stringify(value)}::text::jsonb, now() + make_interval(secs => ${ttlSeconds}))
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
