/** Keys: making them, and bringing rows back into the order of the keys they were asked by. */
import { v7 } from "uuid";

/** A UUIDv7: unique, and rising with time, so that new rows land at the end of an index. */
export function newId(): string {
  return v7();
}

/** One row per key, in the order of `keys`; `null` where none was found. For batched reads by a unique key. */
export function inKeyOrder<Row, Key extends string | number | bigint | boolean>(
  keys: readonly Key[],
  rows: readonly Row[],
  keyOf: (row: Row) => Key,
): (Row | null)[] {
  const byKey = new Map(rows.map((row) => [keyOf(row), row]));
  return keys.map((key) => byKey.get(key) ?? null);
}

/** All rows of each key, in the order of `keys`, rows in the order they came. For batched reads of lists. */
export function groupByKey<Row, Key extends string | number | bigint | boolean>(
  keys: readonly Key[],
  rows: readonly Row[],
  keyOf: (row: Row) => Key,
): Row[][] {
  const byKey = new Map<Key, Row[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = byKey.get(key);
    if (group) group.push(row);
    else byKey.set(key, [row]);
  }
  return keys.map((key) => byKey.get(key) ?? []);
}
