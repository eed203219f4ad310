/** The careful way to read: from values that `JSON.parse` gave to the tree a generated reader gives for the same answer. */
import { toJson } from "../../request/json-text.js";
import type { ReadFields } from "./read-fields.js";
import { getOwn, setOwn, type Tree } from "./tree.js";

/** An object, a list of objects or null; whatever else stands where an object belongs becomes a token, for completion to refuse. */
export function ingest(value: unknown, fields: ReadFields): unknown {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.map((item) => ingest(item, fields));
  if (typeof value !== "object") return toJson(value);
  return ingestObject(value as Tree, fields);
}

export function ingestObject(value: Readonly<Tree>, { fields }: ReadFields): Tree {
  const tree: Tree = {};
  for (const field of fields) {
    const one = getOwn(value, field.key);
    if (one === undefined) continue;
    setOwn(tree, field.key, one === null ? null : field.inner ? ingest(one, field.inner) : toJson(one));
  }
  return tree;
}
