/**
 * Generated comparison of what a subgraph of this process said now with what it said before. For
 * `{ me { id friends { name } } }` it is two functions, the second made when the first friend is met:
 *
 *     (a, b) => below(a["me"], b["me"], inner[0])
 *     (a, b) => isSame(a["id"], b["id"]) && below(a["friends"], b["friends"], inner[1])
 *
 * Only what was selected is compared, because nothing else is read.
 */
import { isPlain } from "../merge-trees.js";
import { property } from "../walk.js";
import type { ReadField, ReadFields } from "./read-fields.js";
import { run } from "./source-writer.js";
import type { Tree } from "./tree.js";

export type SameData = (one: Tree, other: Tree) => boolean;

export function compileSameData({ fields }: ReadFields): SameData {
  const inner: Below[] = [];
  const terms = fields.map((field) => {
    const both = `${property("a", field.key)}, ${property("b", field.key)}`;
    return field.inner ? `below(${both}, inner[${inner.push(new Below(field)) - 1}])` : `isSame(${both})`;
  });
  return run(`return (a, b) => ${terms.join(" && ") || "true"};`, { inner, isSame, below }) as SameData;
}

/** The comparison inside one field, generated when it is first needed. */
class Below {
  #compare: SameData | undefined;

  constructor(readonly field: ReadField) {}

  get compare(): SameData {
    this.#compare ??= compileSameData(this.field.inner ?? { fields: [], varies: false });
    return this.#compare;
  }
}

/** Objects, or lists of them. */
function below(one: unknown, other: unknown, inner: Below): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || one === null || typeof other !== "object" || other === null) return false;
  if (!Array.isArray(one)) return !Array.isArray(other) && inner.compare(one as Tree, other as Tree);
  if (!Array.isArray(other) || one.length !== other.length) return false;
  for (let index = 0; index < one.length; index++) if (!below(one[index], other[index], inner)) return false;
  return true;
}

/** Leaves: whatever is not made of plain objects, lists and simple values is never the same. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || one === null || typeof other !== "object" || other === null) return false;
  if (Array.isArray(one)) {
    return (
      Array.isArray(other) && one.length === other.length && one.every((item, index) => isSame(item, other[index]))
    );
  }
  if (!isPlain(one) || !isPlain(other)) return false;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isSame((one as Tree)[key], (other as Tree)[key]))
  );
}
