/** Entities in this process: the least recently used go first when they take too much room. */
import { LRUCache } from "lru-cache";
import type { EntityGroup, EntityStore, KeptEntity, Lookup } from "./entity-store.js";

interface Entry extends KeptEntity {
  readonly version: string;
}

/** What an entry costs besides its text, in bytes; measured roughly, it only has to bound memory. */
const overhead = 200;

export class MemoryStore implements EntityStore {
  readonly #entries: LRUCache<string, Entry>;
  readonly #versions = new Map<string, number>();

  constructor(maxBytes = 64 * 1024 * 1024) {
    this.#entries = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: ({ json }, key) => 2 * (key.length + json.length) + overhead,
    });
  }

  get(group: EntityGroup, keys: readonly string[]): Lookup {
    const version = this.#versionOf(group);
    return { version, found: keys.map((key) => this.#find(key, version)) };
  }

  keep(group: EntityGroup, version: string, entities: ReadonlyMap<string, KeptEntity>): void {
    if (version !== this.#versionOf(group)) return;
    for (const [key, entity] of entities) this.#entries.set(key, { ...entity, version });
  }

  invalidate({ subgraph, tenantId }: EntityGroup): void {
    const name = tenantId === null ? subgraph : `${subgraph} ${tenantId}`;
    this.#versions.set(name, (this.#versions.get(name) ?? 0) + 1);
  }

  async close(): Promise<void> {
    this.#entries.clear();
  }

  #find(key: string, version: string): KeptEntity | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    if (entry.version === version && entry.until > Date.now()) return entry;
    this.#entries.delete(key);
    return undefined;
  }

  #versionOf({ subgraph, tenantId }: EntityGroup): string {
    return `${this.#versions.get(subgraph) ?? 0}.${this.#versions.get(`${subgraph} ${tenantId}`) ?? 0}`;
  }
}
