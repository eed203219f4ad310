/** Entities in this process: the least recently used go first when they take too much room. */
import type { EntityGroup, EntityStore, KeptEntity, Lookup } from "./entity-store.js";

interface Entry extends KeptEntity {
  readonly version: string;
}

/** What an entry costs besides its text, in bytes; measured roughly, it only has to bound memory. */
const overhead = 200;

export class MemoryStore implements EntityStore {
  readonly #entries = new Map<string, Entry>();
  readonly #versions = new Map<string, number>();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes = 64 * 1024 * 1024) {
    this.#maxBytes = maxBytes;
  }

  get(group: EntityGroup, keys: readonly string[]): Lookup {
    const version = this.#versionOf(group);
    return { version, found: keys.map((key) => this.#find(key, version)) };
  }

  keep(group: EntityGroup, version: string, entities: ReadonlyMap<string, KeptEntity>): void {
    if (version !== this.#versionOf(group)) return;
    for (const [key, entity] of entities) {
      this.#remove(key);
      this.#entries.set(key, { ...entity, version });
      this.#bytes += sizeOf(key, entity);
    }
    for (const key of this.#entries.keys()) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#remove(key);
    }
  }

  invalidate({ subgraph, tenantId }: EntityGroup): void {
    const name = tenantId === null ? subgraph : `${subgraph} ${tenantId}`;
    this.#versions.set(name, (this.#versions.get(name) ?? 0) + 1);
  }

  async close(): Promise<void> {
    this.#entries.clear();
    this.#bytes = 0;
  }

  #find(key: string, version: string): KeptEntity | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    if (entry.version === version && entry.until > Date.now()) {
      this.#entries.set(key, entry);
      return entry;
    }
    this.#bytes -= sizeOf(key, entry);
    return undefined;
  }

  #remove(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    this.#bytes -= sizeOf(key, entry);
  }

  #versionOf({ subgraph, tenantId }: EntityGroup): string {
    return `${this.#versions.get(subgraph) ?? 0}.${this.#versions.get(`${subgraph} ${tenantId}`) ?? 0}`;
  }
}

function sizeOf(key: string, { json }: KeptEntity): number {
  return 2 * (key.length + json.length) + overhead;
}
