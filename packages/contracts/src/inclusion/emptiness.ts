/** Whether nothing at all can be in a case. Says no when in doubt. */

import { itemAt, lengthsOf } from "./arrays.js";
import { type Case, casesOf } from "./cases.js";
import type { Node } from "./node.js";
import { numberRange } from "./numbers.js";
import { requiredNames, valueAt } from "./property-values.js";
import { characterRange } from "./strings.js";

const maxDepth = 6;

/** The cases of a conjunction that something can be in. */
export function possibleCases(conjunction: readonly Node[], depth = 0): Case[] {
  return casesOf(conjunction).filter((one) => !isEmpty(one, depth));
}

/** Whether two descriptions have no payload in common. */
export function areDisjoint(one: Case, other: Node): boolean {
  if (one.type === "values") return one.values.every((value) => !other.accepts(value));
  return possibleCases([...one.parts, other]).every((common) => !overlaps(one, common));
}

/** `common` was made of all parts of `one`, so only its type can still keep it out. */
function overlaps(one: Case, common: Case): boolean {
  if (common.type !== "values") return common.type === one.type;
  return common.values.some((value) => typeOfValue(value) === one.type);
}

function typeOfValue(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

function isEmpty(one: Case, depth: number): boolean {
  if (one.type === "values") return one.values.length === 0;
  if (one.type === "number") return isEmptyRange(numberRange(one));
  if (one.type === "string") return isEmptyLength(characterRange(one.parts));
  if (depth >= maxDepth) return false;
  const { parts } = one;
  if (one.type === "object")
    return [...requiredNames(parts)].some((name) => possibleCases(valueAt(parts, name), depth + 1).length === 0);
  const { min, max } = lengthsOf(parts);
  if (min > max) return true;
  const first = Array.from({ length: Math.min(min, 16) }, (_, index) => itemAt(parts, index));
  return first.some((item) => possibleCases(item, depth + 1).length === 0);
}

const isEmptyLength = ({ min, max }: { min: number; max: number }): boolean => min > max;

const isEmptyRange = ({ min, max, minIsIn, maxIsIn }: ReturnType<typeof numberRange>): boolean =>
  min > max || (min === max && !(minIsIn && maxIsIn));
