/** Entities in Redis, shared by all routers. Each is kept with the version of its group, so one counter outdates many. */
import { createHash } from "node:crypto";
import { createRedisClient } from "../protection/open-redis.js";
import type { EntityGroup, EntityStore, KeptEntity, Lookup } from "./entity-store.js";

const prefix = "tessera:entities:";

export class RedisStore implements EntityStore {
  readonly #client;
  readonly #onError: (error: unknown) => void;

  private constructor(url: string, onError: (error: unknown) => void) {
    this.#client = createRedisClient(url, onError, 2_000);
    this.#onError = onError;
  }

  /** While Redis is away nothing is found and nothing kept; `onError` hears of it. */
  static async connect(url: string, onError: (error: unknown) => void): Promise<RedisStore> {
    const store = new RedisStore(url, onError);
    await store.#client.connect();
    return store;
  }

  async get(group: EntityGroup, keys: readonly string[]): Promise<Lookup> {
    try {
      const [whole, ofTenant, ...texts] = await this.#client.mGet([...versionKeys(group), ...keys.map(entityKey)]);
      const version = `${whole ?? 0}.${ofTenant ?? 0}`;
      return { version, found: texts.map((text) => read(text, version)) };
    } catch (error) {
      this.#onError(error);
      return { version: "", found: keys.map(() => undefined) };
    }
  }

  async keep(_group: EntityGroup, version: string, entities: ReadonlyMap<string, KeptEntity>): Promise<void> {
    if (version === "") return;
    const batch = this.#client.multi();
    for (const [key, { json, until }] of entities) {
      const ttl = until - Date.now();
      if (ttl > 0) batch.set(entityKey(key), `${version} ${until} ${json}`, { expiration: { type: "PX", value: ttl } });
    }
    await batch.execAsPipeline().catch(this.#onError);
  }

  async invalidate(group: EntityGroup): Promise<void> {
    const [whole, ofTenant] = versionKeys(group);
    await this.#client.incr(group.tenantId === null ? whole : ofTenant).catch(this.#onError);
  }

  async close(): Promise<void> {
    this.#client.destroy();
  }
}

function versionKeys({ subgraph, tenantId }: EntityGroup): [string, string] {
  return [`${prefix}version:${subgraph}`, `${prefix}version:${subgraph}:${tenantId ?? "-"}`];
}

function entityKey(key: string): string {
  return prefix + createHash("sha256").update(key).digest("base64url");
}

/** An entry is `<version> <until> <json>`. */
function read(text: string | null, version: string): KeptEntity | undefined {
  const [, kept, until, json] = text?.match(/^(\S+) (\d+) (.*)$/s) ?? [];
  return kept === version && json !== undefined ? { json, until: Number(until) } : undefined;
}
