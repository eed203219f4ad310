/** Merging trees: the data of one execution is changed in place as answers arrive. */
import type { Tree } from "./text/tree.js";

export function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Merges `next` into what is there: objects by key, lists of one length by position; anything else is replaced. */
export function merge(present: unknown, next: unknown): unknown {
  if (present === next || next === undefined) return present;
  if (isTree(present) && isTree(next)) {
    mergeInto(present, next);
    return present;
  }
  if (Array.isArray(present) && Array.isArray(next) && present.length === next.length) {
    for (let index = 0; index < next.length; index++) present[index] = merge(present[index], next[index]);
    return present;
  }
  return next;
}

export function mergeInto(target: Tree, source: Tree): void {
  for (const key in source) {
    if (key === "__proto__") continue;
    const present = target[key];
    target[key] = present === undefined ? source[key] : merge(present, source[key]);
  }
}

/** False for a leaf of the subgraph's own making, such as a date. */
export function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A copy of the objects and lists; leaves are shared. */
export function copyTree(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copyTree);
  if (!isPlain(value)) return value;
  const copy: Tree = {};
  for (const key in value) if (key !== "__proto__") copy[key] = copyTree((value as Tree)[key]);
  return copy;
}
