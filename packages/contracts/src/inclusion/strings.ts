/** Inclusion of strings. */

import { shown } from "./finding.js";
import { at, type Judge, type TypedCase } from "./judge.js";
import type { Node } from "./node.js";

/** Lengths in characters (code points). */
export function characterRange(parts: readonly Node[]): { min: number; max: number } {
  return {
    min: Math.max(0, ...parts.map((part) => part.number("minLength") ?? 0)),
    max: Math.min(...parts.map((part) => part.number("maxLength") ?? Number.POSITIVE_INFINITY)),
  };
}

export function judgeStrings(judge: Judge, one: TypedCase, reader: Node): void {
  const written = characterRange(one.parts);
  const read = characterRange([reader]);
  if (written.min < read.min)
    judge.refuse(
      at(reader, "minLength"),
      `takes texts of ${read.min} characters or more; ${judge.writer} allows ${written.min}`,
    );
  if (written.max > read.max)
    judge.refuse(
      at(reader, "maxLength"),
      `takes texts of ${read.max} characters at most; ${judge.writer} ${atMost(written.max)}`,
    );
  judgeSame(judge, one, reader, "pattern");
  judgeSame(judge, one, reader, "format");
}

const atMost = (max: number): string => (max === Number.POSITIVE_INFINITY ? "has no limit" : `allows ${max}`);

/** Patterns and formats are compared by being the same: whether one includes another is not decided here. */
function judgeSame(judge: Judge, one: TypedCase, reader: Node, keyword: "pattern" | "format"): void {
  const wanted = reader.keywords[keyword];
  if (wanted === undefined) return;
  const written = one.parts.map((part) => part.keywords[keyword]).filter((value) => value !== undefined);
  if (written.includes(wanted)) return;
  const taken = `takes texts of the ${keyword} ${shown(wanted)}`;
  const other = written.map(shown).join(" and ");
  if (written.length === 0) judge.refuse(at(reader, keyword), `${taken} only; ${judge.writer} allows others`);
  else
    judge.cannotJudge(
      at(reader, keyword),
      `${taken}; ${judge.writer} ${other}, and whether that is within is not known`,
    );
}
