/**
 * Generated assignment of what an answer brought to an object of the tree. For `{ name reviews { id } }` it is:
 *
 *     return (target, source) => {
 *       let value;
 *       value = source["name"]; if (value !== undefined) target["name"] = value;
 *       value = source["reviews"]; if (value !== undefined) {
 *         const present = target["reviews"];
 *         target["reviews"] = present === undefined || present === null ? value : merge(present, value);
 *       }
 *     };
 *
 * Objects are attached as they are, so equal entities share what one answer brought.
 */
import { merge } from "./merge-trees.js";
import type { Keys } from "./selections.js";
import { run } from "./text/source-writer.js";
import type { Tree } from "./text/tree.js";
import { property } from "./walk.js";

export type Assign = (target: Tree, source: Tree) => void;

export function compileAssign(keys: Keys): Assign {
  const lines = [...keys].filter(([key]) => key !== "__proto__").map(([key, below]) => assignment(key, below.size > 0));
  return run(`return (target, source) => { let value;\n${lines.join("\n")}\n};`, { merge }) as Assign;
}

function assignment(key: string, isObject: boolean): string {
  const at = `target[${JSON.stringify(key)}]`;
  const read = `value = ${property("source", key)};`;
  if (!isObject) return `${read} if (value !== undefined) ${at} = value;`;
  const merged = `const present = ${property("target", key)}; ${at} = present === undefined || present === null ? value : merge(present, value);`;
  return `${read} if (value !== undefined) { ${merged} }`;
}
