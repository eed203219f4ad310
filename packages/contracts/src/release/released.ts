/**
 * The record of released contracts, and what it demands. Within a version a contract may change only so that each side
 * understands the other, and not the last release alone: stored events of every release are read again in a replay.
 */

import { isDeepStrictEqual } from "node:util";
import type { EventContract } from "@tessera/shared-types";
import { type CompatibilityMode, compareContracts, type Incompatibility } from "../compatibility.js";
import { type ContractSchemas, schemasOf } from "../json-schema.js";

/** `released-events.json`: by type, then by version, the schemas of each release that changed something, oldest first. */
export interface ReleasedEvents {
  readonly [type: string]: {
    readonly mode: CompatibilityMode;
    readonly versions: { readonly [version: string]: readonly ContractSchemas[] };
  };
}

// biome-ignore lint/suspicious/noExplicitAny: contracts of any payload
type AnyContract = EventContract<any>;

export interface ReleaseProblem {
  readonly type: string;
  readonly version: number;
  /** Sentences, one per reason. */
  readonly reasons: readonly string[];
}

export interface ReleaseVerdict {
  readonly problems: readonly ReleaseProblem[];
  /** `type@version` of contracts the record does not know yet. */
  readonly added: readonly string[];
  /** `type@version` of contracts that changed as they may. */
  readonly changed: readonly string[];
}

const defaultMode: CompatibilityMode = "FULL_TRANSITIVE";
const nameOf = ({ type, version }: Pick<AnyContract, "type" | "version">): string => `${type}@${version}`;

/** All contracts among the exports of a module, those of its namespaces included. */
export function contractsIn(exports: object): AnyContract[] {
  return Object.values(exports).flatMap((value: unknown) => {
    if (isContract(value)) return [value];
    const isNamespace = Object.prototype.toString.call(value) === "[object Module]";
    return isNamespace ? contractsIn(value as object) : [];
  });
}

function isContract(value: unknown): value is AnyContract {
  if (typeof value !== "object" || value === null) return false;
  return "type" in value && "version" in value && "payload" in value && typeof value.type === "string";
}

export function checkAgainstReleased(contracts: readonly AnyContract[], released: ReleasedEvents): ReleaseVerdict {
  const current = distinctContracts(contracts);
  const known = [...current.values()].filter((contract) => earlierOf(contract, released).length > 0);
  const changed = known.filter((contract) => !isReleased(contract, released));
  const broken = changed.flatMap((contract) => judge(contract, released));
  const names = new Set(broken.map(nameOf));
  return {
    problems: [...broken, ...goneFrom(current, released)],
    added: [...current.keys()].filter((name) => !known.some((contract) => nameOf(contract) === name)),
    changed: changed.map(nameOf).filter((name) => !names.has(name)),
  };
}

/** The record with what `contracts` adds to it. What is in it stays, also what no contract defines any more. */
export function addToRelease(contracts: readonly AnyContract[], released: ReleasedEvents): ReleasedEvents {
  const record: Record<string, { mode: CompatibilityMode; versions: Record<string, readonly ContractSchemas[]> }> = {};
  for (const [type, { mode, versions }] of Object.entries(released)) record[type] = { mode, versions: { ...versions } };
  for (const contract of distinctContracts(contracts).values()) {
    if (isReleased(contract, released)) continue;
    const { type, version } = contract;
    const { mode, versions } = record[type] ?? { mode: defaultMode, versions: {} };
    record[type] = { mode, versions: { ...versions, [version]: [...(versions[version] ?? []), schemasOf(contract)] } };
  }
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function distinctContracts(contracts: readonly AnyContract[]): Map<string, AnyContract> {
  return new Map(contracts.map((contract) => [nameOf(contract), contract]));
}

const earlierOf = ({ type, version }: AnyContract, released: ReleasedEvents): readonly ContractSchemas[] =>
  released[type]?.versions[version] ?? [];

const isReleased = (contract: AnyContract, released: ReleasedEvents): boolean =>
  isDeepStrictEqual(earlierOf(contract, released).at(-1), schemasOf(contract));

function judge(contract: AnyContract, released: ReleasedEvents): ReleaseProblem[] {
  const { type, version } = contract;
  const mode = released[type]?.mode ?? defaultMode;
  const earlier = earlierOf(contract, released);
  const asked = mode.endsWith("_TRANSITIVE") ? earlier : earlier.slice(-1);
  const schemas = schemasOf(contract);
  const found = asked.flatMap((older) => compareContracts(older, schemas, mode));
  return found.length === 0 ? [] : [{ type, version, reasons: [...new Set(found.map(reasonOf))] }];
}

function reasonOf({ direction, message, kind }: Incompatibility): string {
  const who = direction === "backward" ? "old events" : "readers that have not changed yet";
  const doubt = kind === "cannot be judged" ? " (cannot be judged)" : "";
  const said = message.replace("the newer schema", "the contract").replace("the older schema", "the released contract");
  return `${who}: ${said.replace("the older one", "the released one").replace("the newer one", "the contract")}${doubt}`;
}

function goneFrom(current: ReadonlyMap<string, AnyContract>, released: ReleasedEvents): ReleaseProblem[] {
  return Object.entries(released).flatMap(([type, { versions }]) =>
    Object.keys(versions)
      .map((version) => ({ type, version: Number(version) }))
      .filter((each) => !current.has(nameOf(each)))
      .map((each) => ({
        ...each,
        reasons: ["is released, but no contract defines it: stored events can no longer be read"],
      })),
  );
}
