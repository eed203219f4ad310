/** Inclusion of numbers. */

import { at, type Judge, type TypedCase } from "./judge.js";
import type { Node } from "./node.js";

export interface NumberRange {
  readonly min: number;
  readonly max: number;
  readonly minIsIn: boolean;
  readonly maxIsIn: boolean;
}

export function numberRange({ parts, whole }: Pick<TypedCase, "parts" | "whole">): NumberRange {
  const lower = parts.flatMap((part) => bounds(part, "minimum", "exclusiveMinimum"));
  const upper = parts.flatMap((part) => bounds(part, "maximum", "exclusiveMaximum"));
  const min = lower.reduce(
    (best, one) => (one.value > best.value || (one.value === best.value && !one.isIn) ? one : best),
    {
      value: Number.NEGATIVE_INFINITY,
      isIn: true,
    },
  );
  const max = upper.reduce(
    (best, one) => (one.value < best.value || (one.value === best.value && !one.isIn) ? one : best),
    {
      value: Number.POSITIVE_INFINITY,
      isIn: true,
    },
  );
  const range = { min: min.value, max: max.value, minIsIn: min.isIn, maxIsIn: max.isIn };
  return whole ? wholeRange(range) : range;
}

function bounds(part: Node, inclusive: string, exclusive: string): { value: number; isIn: boolean }[] {
  const [closed, open] = [part.number(inclusive), part.number(exclusive)];
  return [
    ...(closed === undefined ? [] : [{ value: closed, isIn: true }]),
    ...(open === undefined ? [] : [{ value: open, isIn: false }]),
  ];
}

/** More than 3 is 4 or more, among whole numbers. Beyond 2^53 a number has no next one to name. */
function wholeRange(range: NumberRange): NumberRange {
  const safe = (bound: number): boolean => Math.abs(bound) < Number.MAX_SAFE_INTEGER;
  const min = safe(range.min) ? (range.minIsIn ? Math.ceil(range.min) : Math.floor(range.min) + 1) : range.min;
  const max = safe(range.max) ? (range.maxIsIn ? Math.floor(range.max) : Math.ceil(range.max) - 1) : range.max;
  return { min, max, minIsIn: safe(range.min) || range.minIsIn, maxIsIn: safe(range.max) || range.maxIsIn };
}

/** Whether each number of `one` is in the range and on the steps of `reader`. */
export function judgeNumbers(judge: Judge, one: TypedCase, reader: Node): void {
  const written = numberRange(one);
  const read = numberRange({ parts: [reader], whole: one.whole });
  if (written.min < read.min || (written.min === read.min && written.minIsIn && !read.minIsIn))
    judge.refuse(
      at(reader, "minimum", "exclusiveMinimum"),
      `takes numbers ${from(read)}; ${judge.writer} ${lowest(written)}`,
    );
  if (written.max > read.max || (written.max === read.max && written.maxIsIn && !read.maxIsIn))
    judge.refuse(
      at(reader, "maximum", "exclusiveMaximum"),
      `takes numbers ${to(read)}; ${judge.writer} ${highest(written)}`,
    );
  judgeSteps(judge, one, reader);
}

/** Steps that are no whole numbers are compared by being the same only: dividing fractions is not exact. */
function judgeSteps(judge: Judge, one: TypedCase, reader: Node): void {
  const wanted = reader.number("multipleOf");
  if (wanted === undefined) return;
  const steps = one.parts.flatMap((part) => part.number("multipleOf") ?? []);
  const exact = [...steps, ...(one.whole ? [1] : [])].filter(Number.isInteger);
  if (steps.includes(wanted) || (Number.isInteger(wanted) && exact.some((step) => step % wanted === 0))) return;
  const message = `takes multiples of ${wanted}; ${judge.writer} ${steps.length > 0 ? `allows multiples of ${steps.join(" and ")}` : "allows others"}`;
  if (steps.length === 0 || [...steps, wanted].every(Number.isInteger)) judge.refuse(at(reader, "multipleOf"), message);
  else judge.cannotJudge(at(reader, "multipleOf"), message);
}

const from = ({ min, minIsIn }: NumberRange): string => (minIsIn ? `from ${min} on` : `above ${min}`);
const to = ({ max, maxIsIn }: NumberRange): string => (maxIsIn ? `up to ${max}` : `below ${max}`);
const lowest = (range: NumberRange): string =>
  range.min === Number.NEGATIVE_INFINITY ? "has no lower bound" : `allows them ${from(range)}`;
const highest = (range: NumberRange): string =>
  range.max === Number.POSITIVE_INFINITY ? "has no upper bound" : `allows them ${to(range)}`;
