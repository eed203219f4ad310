/** Inclusion in combinations of schemas: all of, any of, exactly one of, not. */
import type { Case } from "./cases.js";
import type { Comparison } from "./comparison.js";
import { areDisjoint } from "./emptiness.js";
import type { Finding } from "./finding.js";
import type { TypedCase } from "./judge.js";
import type { Node } from "./node.js";
import { splitByProperty } from "./split.js";

type Place = readonly (string | number)[];

export function judgeAlternatives(comparison: Comparison, one: TypedCase, reader: Node, place: Place): Finding[] {
  const all = reader.list("allOf").flatMap((part) => comparison.judgeCase(one, part, place));
  const any = "anyOf" in reader.keywords ? judgeAny(comparison, one, reader.list("anyOf"), place) : [];
  const exactlyOne = "oneOf" in reader.keywords ? judgeOne(comparison, one, reader, place) : [];
  const not = reader.child("not");
  const excluded =
    not && !areDisjoint(one, not)
      ? [comparison.cannotJudge(reader, "not", place, `excludes values that ${comparison.names.writer} may allow`)]
      : [];
  return [...all, ...any, ...exactlyOne, ...excluded];
}

/** Within one branch as a whole, or each part of it within some branch. */
function judgeAny(comparison: Comparison, one: TypedCase, branches: readonly Node[], place: Place): Finding[] {
  const nearest = judgeBranches(comparison, one, branches, place);
  if (nearest.length === 0) return [];
  for (const parts of splitByProperty(one)) {
    const each = parts.map((part) => judgeBranches(comparison, part, branches, place));
    const refused = each.filter((found) => found.length > 0);
    if (refused.length === 0) return [];
    if (refused.length < each.length) return refused.flat();
  }
  return nearest;
}

/** What the branch with the fewest objections says; a branch of another type has nothing useful to say. */
function judgeBranches(comparison: Comparison, one: Case, branches: readonly Node[], place: Place): Finding[] {
  let nearest: Finding[] | undefined;
  for (const branch of branches) {
    const found = comparison.judgeCase(one, branch, place);
    if (found.length === 0) return [];
    const isOther = areDisjoint(one, branch);
    if (!nearest || (!isOther && found.length < nearest.length)) nearest = found;
  }
  return nearest ?? [];
}

/** Within some branch, and out of all others. */
function judgeOne(comparison: Comparison, one: TypedCase, reader: Node, place: Place): Finding[] {
  const branches = reader.list("oneOf");
  const any = judgeAny(comparison, one, branches, place);
  if (any.length > 0) return any;
  const parts = splitByProperty(one);
  const isOutOfOthers = [[one], ...parts].some((pieces) => pieces.every((piece) => isInOneOnly(piece, branches)));
  if (isOutOfOthers) return [];
  return [
    comparison.cannotJudge(reader, "oneOf", place, "takes what is in exactly one alternative; this may be in several"),
  ];
}

const isInOneOnly = (one: Case, branches: readonly Node[]): boolean =>
  branches.filter((branch) => !areDisjoint(one, branch)).length <= 1;
