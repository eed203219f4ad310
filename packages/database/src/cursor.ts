/** Opaque cursors: the values a row is sorted by, exactly as the database writes them, and what they were sorted by. */
import { createHash } from "node:crypto";
import { DatabaseError } from "./errors.js";

/** One text per order column; null for a null. Text keeps every digit of numerics and every microsecond. */
export type CursorValues = readonly (string | null)[];

/** Short name of an order, so that a cursor is not taken for one of another list. */
export function orderName(parts: readonly string[]): string {
  return createHash("sha256").update(parts.join("\n")).digest("base64url").slice(0, 8);
}

export function encodeCursor(order: string, values: CursorValues): string {
  return Buffer.from(JSON.stringify([order, ...values])).toString("base64url");
}

/** @throws DatabaseError INVALID_CURSOR */
export function decodeCursor(order: string, count: number, cursor: string): CursorValues {
  const [name, ...values] = parse(cursor);
  const fits = name === order && values.length === count;
  if (fits && values.every((value): value is string | null => value === null || typeof value === "string")) {
    return values;
  }
  throw invalidCursor();
}

function parse(cursor: string): unknown[] {
  try {
    const content: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    return Array.isArray(content) ? content : [];
  } catch {
    return [];
  }
}

export function invalidCursor(cause?: unknown): DatabaseError {
  const message = "The cursor is not one of this list: pass endCursor or startCursor of a page with the same order.";
  return new DatabaseError("INVALID_CURSOR", message, { cause });
}
