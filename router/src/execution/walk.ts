/**
 * Generated walks from the root of a tree to the objects a fetch works on. For `users.@.pet|[Cat]` it is:
 *
 *     return (root, found) => {
 *       const seen = new Set();
 *       const v0 = root.users;
 *       if (isList(v0)) for (let i0 = 0; i0 < v0.length; i0++) {
 *         const v1 = v0[i0];
 *         if (isThere(v1)) {
 *           const v2 = v1.pet;
 *           if (isThere(v2) && isOneOf(types0, v2.__typename)) {
 *             if (!seen.has(v2)) { seen.add(v2); found.add(v2); }
 *           }
 *         }
 *       }
 *     };
 *
 * `seen` is asked only where answers for equal entities may have put one object into several places.
 */
import type { PathStep } from "./path-steps.js";
import { run } from "./text/source-writer.js";
import type { Tree } from "./text/tree.js";
import { isOneOf, type TypeNames } from "./type-names.js";

export interface Found {
  add(object: Tree): void;
}

export type Walk = (root: Tree, found: Found) => void;

/** `isShared` says of a number of leading steps whether what they reach may be in several places. */
export function compileWalk(path: readonly PathStep[], names: TypeNames, isShared: (steps: number) => boolean): Walk {
  const typeSets: ReadonlySet<unknown>[] = [];
  const body = (at: number, value: string): string => {
    const step = path[at];
    if (!step) return `if (Array.isArray(${value})) addAll(${value}, found); else found.add(${value});`;
    const next = `v${at}`;
    let inner = body(at + 1, next);
    if (isShared(at + 1)) inner = `if (!seen.has(${next})) { seen.add(${next}); ${inner} }`;
    const isThere = `typeof ${next} === "object" && ${next} !== null`;
    const test = step.types ? `${isThere} && ${typeTest(next, step.types)}` : isThere;
    if (step.isList) {
      const loop = `for (let i${at} = 0; i${at} < ${value}.length; i${at}++)`;
      return `if (Array.isArray(${value})) ${loop} { const ${next} = ${value}[i${at}]; if (${test}) { ${inner} } }`;
    }
    const read = step.key === null ? value : property(value, step.key);
    return `{ const ${next} = ${read}; if (${test}) { ${inner} } }`;
  };
  const typeTest = (value: string, types: readonly string[]) => {
    typeSets.push(names.leavesOf(types));
    return `isOneOf(types[${typeSets.length - 1}], ${value}.__typename)`;
  };
  const code = `return (root, found) => { const seen = new Set(); ${body(0, "root")} };`;
  return run(code, { types: typeSets, isOneOf, addAll }) as Walk;
}

/** A list where the plan expects an object: its items are meant. */
function addAll(list: readonly unknown[], found: Found): void {
  for (const item of list) {
    if (Array.isArray(item)) addAll(item, found);
    else if (typeof item === "object" && item !== null) found.add(item as Tree);
  }
}

/** Code that reads what an answer brought: no name that every object inherits is one of a GraphQL field. */
export function property(object: string, key: string): string {
  return key === "__proto__" || key in Object.prototype
    ? `(Object.hasOwn(${object}, ${JSON.stringify(key)}) ? ${object}[${JSON.stringify(key)}] : undefined)`
    : `${object}[${JSON.stringify(key)}]`;
}

export type ResponsePath = readonly (string | number)[];

/** The same walk with the path of every place, for errors. */
export function placesAt(
  root: Tree,
  path: readonly PathStep[],
  names: TypeNames,
  visit: (object: Tree, path: ResponsePath, parents: readonly Tree[]) => void,
): void {
  const keys: (string | number)[] = [];
  const parents: Tree[] = [];
  const reach = (value: unknown, at: number): void => {
    if (typeof value !== "object" || value === null) return;
    const step = path[at];
    if (Array.isArray(value)) {
      // Items of a list that the path does not name are meant as well.
      value.forEach((item, index) => {
        keys.push(index);
        if (!step?.isList) reach(item, at);
        else if (!step.types || isMeant(item, step.types)) reach(item, at + 1);
        keys.pop();
      });
    } else if (!step) {
      visit(value as Tree, [...keys], parents);
    } else if (step.key === null) {
      if (!step.isList && (!step.types || isMeant(value, step.types))) reach(value, at + 1);
    } else if (Object.hasOwn(value, step.key)) {
      const next = (value as Tree)[step.key];
      keys.push(step.key);
      parents.push(value as Tree);
      if (!step.types || Array.isArray(next) || isMeant(next, step.types)) reach(next, at + 1);
      parents.pop();
      keys.pop();
    }
  };
  const isMeant = (value: unknown, types: readonly string[]) =>
    isOneOf(names.leavesOf(types), (value as Tree | null)?.__typename);
  reach(root, 0);
}
