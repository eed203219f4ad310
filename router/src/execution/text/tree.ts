/**
 * The data of one operation in the executor: plain objects by response key. In `text` form each leaf is its JSON text,
 * one character per UTF-8 byte, and so is a list of leaves or an object inside a custom scalar; null is null.
 */
import { fromJson } from "../../request/json-text.js";

export type LeafForm = "text" | "value";
export type Tree = Record<string, unknown>;

/** The JavaScript values of a tree, or of a part of one, whose leaves are texts. */
export function toValue(tree: unknown): unknown {
  if (typeof tree === "string") return fromJson(tree);
  if (Array.isArray(tree)) return tree.map(toValue);
  if (typeof tree !== "object" || tree === null) return tree;
  const value: Tree = {};
  for (const key of Object.keys(tree)) setOwn(value, key, toValue((tree as Tree)[key]));
  return value;
}

/** `tree[key]`, and nothing that every object inherits. */
export function getOwn(tree: unknown, key: string): unknown {
  return typeof tree === "object" && tree !== null && Object.hasOwn(tree, key) ? (tree as Tree)[key] : undefined;
}

/** `tree[key] = value`, also for the key `__proto__`. */
export function setOwn(tree: Tree, key: string, value: unknown): void {
  if (key !== "__proto__") tree[key] = value;
  else Object.defineProperty(tree, key, { value, enumerable: true, configurable: true, writable: true });
}
