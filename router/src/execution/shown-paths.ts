/**
 * Paths of errors, as far as clients can follow them: a subgraph may point to anything, also to what a plan asked for
 * by itself, and a path goes no further than the operation and its data do.
 */
import { type FieldNode, Kind, type SelectionSetNode } from "graphql";
import { fromJson } from "../request/json-text.js";
import type { ShownOperation } from "./introspection.js";
import type { Tree } from "./text/tree.js";
import type { ResponsePath } from "./walk.js";

type Fragments = ReadonlyMap<string, SelectionSetNode>;

/** What stands below one response key; found out when an error points there. */
class Spot {
  readonly #sets: readonly SelectionSetNode[];
  readonly #fragments: Fragments;
  #below: Map<string, FieldNode[]> | undefined;
  readonly #known = new Map<string, Spot>();

  constructor(sets: readonly SelectionSetNode[], fragments: Fragments) {
    this.#sets = sets;
    this.#fragments = fragments;
  }

  at(key: string): Spot | undefined {
    this.#below ??= fieldsIn(this.#sets, this.#fragments);
    const fields = this.#below.get(key);
    if (!fields) return undefined;
    const sets = fields.flatMap(({ selectionSet }) => selectionSet ?? []);
    const spot = this.#known.get(key) ?? new Spot(sets, this.#fragments);
    this.#known.set(key, spot);
    return spot;
  }
}

export class ShownPaths {
  readonly #root: Spot;

  /** `shown` with the names its data has in the tree. */
  constructor({ document, operation }: ShownOperation) {
    const fragments = document.definitions.flatMap((one) =>
      one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one.selectionSet] as const] : [],
    );
    this.#root = new Spot([operation.selectionSet], new Map(fragments));
  }

  /** The start of a path that the operation and the data so far know. Where there is no data, the operation decides. */
  within(path: ResponsePath, root: Tree): ResponsePath {
    let spot: Spot | undefined = this.#root;
    let value: unknown = root;
    for (let at = 0; at < path.length; at++) {
      const key = path[at];
      if (typeof key === "number") {
        const items = itemsOf(value);
        if (items === null || !isPosition(key, items)) return path.slice(0, at);
        value = items?.[key];
      } else {
        if (Array.isArray(value) || key === undefined) return path.slice(0, at);
        spot = spot.at(key);
        if (!spot) return path.slice(0, at);
        value = isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
      }
    }
    return path;
  }
}

/** The items of a list, `undefined` where nothing is known, `null` for what is none. A list of leaves may be one text. */
function itemsOf(value: unknown): readonly unknown[] | undefined | null {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) return value;
  if (typeof value !== "string" || !value.startsWith("[")) return null;
  const items = fromJson(value);
  return Array.isArray(items) ? items : null;
}

function isPosition(key: number, items: readonly unknown[] | undefined): boolean {
  return Number.isSafeInteger(key) && key >= 0 && (items === undefined || key < items.length);
}

function isObject(value: unknown): value is Tree {
  return typeof value === "object" && value !== null;
}

function fieldsIn(sets: readonly SelectionSetNode[], fragments: Fragments): Map<string, FieldNode[]> {
  const fields = new Map<string, FieldNode[]>();
  const seen = new Set<SelectionSetNode>();
  const collect = (set: SelectionSetNode | undefined): void => {
    if (!set || seen.has(set)) return;
    seen.add(set);
    for (const selection of set.selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet);
      else if (selection.kind === Kind.FRAGMENT_SPREAD) collect(fragments.get(selection.name.value));
      else {
        const key = selection.alias?.value ?? selection.name.value;
        fields.set(key, [...(fields.get(key) ?? []), selection]);
      }
    }
  };
  for (const set of sets) collect(set);
  return fields;
}
