/** Batching within one request: all loads of one read function in a tick become one call. */
import type { TenantDb } from "@tessera/database";
import DataLoader from "dataloader";
import type { BatchReadLists } from "./context.js";
import type { BatchRead } from "./define-subgraph.js";
import { isInvalidText } from "./errors.js";

/** PostgreSQL takes far more, but one statement should not hold the connection for long. */
const largestBatch = 1_000;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

type Read<Key, Result> = (db: TenantDb, keys: readonly Key[]) => Promise<readonly Result[]>;

export class Loaders {
  readonly #byRead = new Map<unknown, DataLoader<unknown, unknown>>();
  readonly #db: () => TenantDb;

  constructor(db: () => TenantDb) {
    this.#db = db;
  }

  one<Key, Row>(read: BatchRead<Key, Row>, key: Key): Promise<Row | null> {
    return this.#loader<Key, Row | null>(read, null).load(key);
  }

  list<Key, Row>(read: BatchReadLists<Key, Row>, key: Key): Promise<readonly Row[]> {
    return this.#loader<Key, readonly Row[]>(read, []).load(key);
  }

  /** Forgets everything read so far: a write may have changed it. */
  clear(): void {
    for (const loader of this.#byRead.values()) loader.clearAll();
  }

  #loader<Key, Result>(read: Read<Key, Result>, none: Result): DataLoader<Key, Result> {
    const known = this.#byRead.get(read);
    if (known) return known as DataLoader<Key, Result>;
    const batch = (keys: readonly Key[]) => readAll(read, this.#db(), keys, none);
    const loader = new DataLoader<Key, Result>(batch, { maxBatchSize: largestBatch });
    this.#byRead.set(read, loader as DataLoader<unknown, unknown>);
    return loader;
  }
}

/** A key that is no UUID names nothing: it must not spoil the batch of those that are. */
async function readAll<Key, Result>(
  read: Read<Key, Result>,
  db: TenantDb,
  keys: readonly Key[],
  none: Result,
): Promise<readonly Result[]> {
  try {
    return await read(db, keys);
  } catch (error) {
    const valid = keys.filter((key) => typeof key === "string" && uuid.test(key));
    if (!isInvalidText(error) || valid.length === keys.length) throw error;
    const rows = valid.length > 0 ? await read(db, valid) : [];
    const byKey = new Map(valid.map((key, index) => [key, rows[index] ?? none]));
    return keys.map((key) => byKey.get(key) ?? none);
  }
}
