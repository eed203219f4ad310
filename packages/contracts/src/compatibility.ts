/**
 * Compatibility as schema registries know it. A schema is the set of payloads it takes, so every question is one of
 * inclusion: backward asks whether the newer takes all the older does, forward the other way round.
 */
import { refuseInvalid } from "./check-schema.js";
import { findNotIncluded } from "./inclusion/comparison.js";
import type { Finding } from "./inclusion/finding.js";
import type { ContractSchemas, JsonSchema } from "./json-schema.js";

export const compatibilityModes = [
  "NONE",
  "BACKWARD",
  "BACKWARD_TRANSITIVE",
  "FORWARD",
  "FORWARD_TRANSITIVE",
  "FULL",
  "FULL_TRANSITIVE",
] as const;

/**
 * BACKWARD: who reads by the newer schema understands what was written by the older; readers change first. FORWARD: who
 * reads by the older understands what is written by the newer; writers change first. FULL: both. `_TRANSITIVE`: not
 * against the last version only but against every one.
 */
export type CompatibilityMode = (typeof compatibilityModes)[number];

/** One reason why a schema does not go with another. Every one counts, also where nothing could be proven. */
export interface Incompatibility extends Finding {
  readonly direction: "backward" | "forward";
}

/**
 * What keeps `newer` from taking the place of `older`; empty when nothing does. Between two versions a transitive mode
 * means the same as its plain one.
 *
 * @throws ContractError `SCHEMA_INVALID` when one of them is no JSON Schema.
 */
export function compareSchemas(older: JsonSchema, newer: JsonSchema, mode: CompatibilityMode): Incompatibility[] {
  return compareContracts({ written: older, read: older }, { written: newer, read: newer }, mode);
}

/** Like `compareSchemas`, for contracts whose writers and readers go by different schemas: what one writes, the other has to read. */
export function compareContracts(
  older: ContractSchemas,
  newer: ContractSchemas,
  mode: CompatibilityMode,
): Incompatibility[] {
  for (const schema of new Set([older.written, older.read, newer.written, newer.read])) refuseInvalid(schema);
  const both = mode.startsWith("FULL");
  const backward = both || mode.startsWith("BACKWARD") ? findNotIncluded(older.written, newer.read, "backward") : [];
  const forward = both || mode.startsWith("FORWARD") ? findNotIncluded(newer.written, older.read, "forward") : [];
  return [
    ...backward.map((finding) => ({ ...finding, direction: "backward" as const })),
    ...forward.map((finding) => ({ ...finding, direction: "forward" as const })),
  ];
}

export interface HistoryVerdict<Version> extends Incompatibility {
  /** The earlier version that the last one does not go with. */
  readonly against: Version;
}

/**
 * Whether the last of `versions` (in the order of their making) may follow the others: against the one before it, or
 * against every one when the mode is transitive.
 */
export function checkHistory<Version extends { readonly schema: JsonSchema }>(
  versions: readonly Version[],
  mode: CompatibilityMode,
): HistoryVerdict<Version>[] {
  const newest = versions.at(-1);
  if (!newest) return [];
  const earlier = versions.slice(0, -1);
  const asked = mode.endsWith("_TRANSITIVE") ? earlier : earlier.slice(-1);
  return asked.flatMap((against) =>
    compareSchemas(against.schema, newest.schema, mode).map((found) => ({ ...found, against })),
  );
}
