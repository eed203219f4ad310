/** Bears with a cache server that is away: finds nothing meanwhile, and deletes afterwards what it could not delete then. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Cache, CacheDriver } from "./contract.js";

/** Whoever needs longer is no help to a request. */
const patienceMs = 1000;
const retryMs = 200;
/** More deletions than that are owed as one of everything. */
const owedAtMost = 1000;

export class PatientCache implements Cache {
  readonly #driver: CacheDriver;
  /** Deletions that did not happen: `=key` or `*prefix`. */
  readonly #owed = new Set<string>();
  #settling: Promise<void> | null = null;
  #closed = false;

  constructor(driver: CacheDriver) {
    this.#driver = driver;
  }

  async get<T>(key: string): Promise<T | undefined> {
    if (this.#owed.size > 0) return undefined;
    return inTime(this.#driver.get<T>(key)).catch(() => undefined);
  }

  async set(key: string, value: unknown, ttlSeconds: number): Promise<void> {
    if (this.#owed.size === 0) await inTime(this.#driver.set(key, value, ttlSeconds)).catch(() => {});
  }

  async delete(key: string): Promise<void> {
    await inTime(this.#driver.delete(key)).catch(() => this.#owe(`=${key}`));
  }

  async deletePrefix(prefix: string): Promise<void> {
    await inTime(this.#driver.deletePrefix(prefix)).catch(() => this.#owe(`*${prefix}`));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#settling;
    await this.#driver.close();
  }

  #owe(deletion: string): void {
    this.#owed.add(deletion);
    if (this.#owed.size > owedAtMost) {
      this.#owed.clear();
      this.#owed.add("*");
    }
    this.#settling ??= this.#settle().finally(() => {
      this.#settling = null;
    });
  }

  async #settle(): Promise<void> {
    while (this.#owed.size > 0 && !this.#closed) {
      for (const deletion of this.#owed) {
        const settled = await inTime(this.#pay(deletion)).then(
          () => true,
          () => false,
        );
        if (!settled) break;
        this.#owed.delete(deletion);
      }
      if (this.#owed.size > 0) await sleep(retryMs);
    }
  }

  #pay(deletion: string): Promise<void> {
    const text = deletion.slice(1);
    return deletion.startsWith("=") ? this.#driver.delete(text) : this.#driver.deletePrefix(text);
  }
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The cache did not answer within ${patienceMs} ms.`)), patienceMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
