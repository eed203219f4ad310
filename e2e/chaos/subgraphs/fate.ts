/** Chance that a seed decides: the same text always gets the same number. */
import { createHash } from "node:crypto";

/** From 0 to below 1. */
export function fateOf(...parts: readonly (string | number)[]): number {
  return createHash("sha256").update(parts.join("|")).digest().readUInt32BE() / 2 ** 32;
}
