/** Inclusion of arrays. */

import { at, type Judge, type TypedCase } from "./judge.js";
import type { Node } from "./node.js";

/** What applies to the item at `index`. */
export function itemAt(parts: readonly Node[], index: number): Node[] {
  return parts.flatMap((part) => part.child("prefixItems", index) ?? part.child("items") ?? []);
}

const prefixOf = (parts: readonly Node[]): number =>
  Math.max(0, ...parts.map((part) => part.list("prefixItems").length));

/** How many items there can be: `items: false` ends an array as `maxItems` does. */
export function lengthsOf(parts: readonly Node[]): { min: number; max: number } {
  const closed = parts.filter((part) => part.keywords.items === false).map((part) => part.list("prefixItems").length);
  return {
    min: Math.max(0, ...parts.map((part) => part.number("minItems") ?? 0)),
    max: Math.min(...closed, ...parts.map((part) => part.number("maxItems") ?? Number.POSITIVE_INFINITY)),
  };
}

export function judgeArrays(judge: Judge, one: TypedCase, reader: Node): void {
  const written = lengthsOf(one.parts);
  judgeLengths(judge, written, reader);
  const prefix = Math.max(prefixOf(one.parts), prefixOf([reader]));
  for (let index = 0; index < Math.min(prefix, written.max); index++) judgeItem(judge, one, reader, index);
  // One more than the prefix stands for all that follow.
  if (written.max > prefix) judgeItem(judge, one, reader, prefix, "*");
  if (
    reader.keywords.uniqueItems === true &&
    written.max > 1 &&
    !one.parts.some((part) => part.keywords.uniqueItems === true)
  )
    judge.refuse(at(reader, "uniqueItems"), `takes lists without repetitions only; ${judge.writer} allows repetitions`);
}

function judgeLengths(judge: Judge, written: { min: number; max: number }, reader: Node): void {
  const min = reader.number("minItems") ?? 0;
  const max = reader.number("maxItems") ?? Number.POSITIVE_INFINITY;
  if (written.min < min)
    judge.refuse(at(reader, "minItems"), `takes lists of ${min} or more items; ${judge.writer} allows ${written.min}`);
  if (written.max > max)
    judge.refuse(
      at(reader, "maxItems"),
      `takes lists of ${max} items at most; ${judge.writer} ${written.max === Number.POSITIVE_INFINITY ? "has no limit" : `allows ${written.max}`}`,
    );
}

function judgeItem(judge: Judge, one: TypedCase, reader: Node, index: number, step: number | "*" = index): void {
  for (const wanted of itemAt([reader], index)) judge.within(step, itemAt(one.parts, index), wanted);
}
