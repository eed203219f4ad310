/**
 * Takes a conjunction of schemas apart into cases: each is one JSON type, or a list of single values, with all keywords
 * that apply to it. Together the cases hold every payload the conjunction takes, and at times more: what is not taken
 * apart (`not`, `if`, "exactly one" of `oneOf`) only ever makes the conjunction smaller.
 */
import { CannotJudge } from "./finding.js";
import type { Node } from "./node.js";

export type CaseType = "number" | "string" | "array" | "object";

export type Case =
  | { readonly type: "values"; readonly values: readonly unknown[] }
  | {
      readonly type: CaseType;
      /** Only for numbers: only whole ones. */
      readonly whole: boolean;
      /** All of them apply. None is `true` or `false`. */
      readonly parts: readonly Node[];
    };

const everyType = ["null", "boolean", "number", "string", "array", "object"] as const;
type JsonType = (typeof everyType)[number];
const maxCases = 256;

export function casesOf(conjunction: readonly Node[]): Case[] {
  const alternatives = takeApart([...conjunction], [], []);
  return alternatives.flatMap((parts) => splitByType(parts, conjunction));
}

/** `pending` has to hold, and one of each of `choices`. */
function takeApart(pending: readonly Node[], choices: readonly Node[][], parts: readonly Node[]): Node[][] {
  const open = [...pending];
  const waiting = [...choices];
  const taken = new Set(parts);
  for (let node = open.pop(); node; node = open.pop()) {
    if (node.schema === false) return [];
    if (node.schema === true || taken.has(node)) continue;
    taken.add(node);
    open.push(...node.list("allOf"), ...(node.target ? [node.target] : []));
    for (const keyword of ["anyOf", "oneOf"]) if (keyword in node.keywords) waiting.push(node.list(keyword));
  }
  for (const { root } of taken) root.spend(1);
  const [choice, ...others] = waiting;
  if (!choice) return [[...taken]];
  const found = choice.flatMap((branch) => takeApart([branch], others, [...taken]));
  if (found.length > maxCases) throw new CannotJudge("has too many alternatives to be compared");
  return found;
}

function splitByType(parts: readonly Node[], conjunction: readonly Node[]): Case[] {
  const listed = parts.map(listedValues).filter((values) => values !== undefined);
  const types = everyType.filter((type) => parts.every((part) => allowsType(part, type)));
  const [values] = listed.sort((a, b) => a.length - b.length);
  if (values) return valuesCase(values, parts, conjunction);
  const whole = parts.some((part) => typesOf(part)?.has("integer") && !typesOf(part)?.has("number"));
  const few = types.flatMap((type) => (type === "null" ? [null] : type === "boolean" ? [true, false] : []));
  const many = types.filter((type): type is CaseType => type !== "null" && type !== "boolean");
  return [
    ...(few.length > 0 ? valuesCase(few, parts, conjunction) : []),
    ...many.map((type) => ({ type, whole: type === "number" && whole, parts })),
  ];
}

function valuesCase(values: readonly unknown[], parts: readonly Node[], conjunction: readonly Node[]): Case[] {
  const possible = values.filter((value) => [...parts, ...conjunction].every((node) => node.accepts(value)));
  return possible.length > 0 ? [{ type: "values", values: possible }] : [];
}

function listedValues({ keywords }: Node): readonly unknown[] | undefined {
  if ("const" in keywords) return [keywords.const];
  return Array.isArray(keywords.enum) ? keywords.enum : undefined;
}

/** The names under `type`, `undefined` when every type is allowed. `nullable` beside a type adds null. */
export function typesOf({ keywords }: Node): Set<string> | undefined {
  const { type, nullable } = keywords;
  if (type === undefined) return undefined;
  const types = new Set<string>(Array.isArray(type) ? type.map(String) : [String(type)]);
  return nullable === true ? types.add("null") : types;
}

function allowsType(node: Node, type: JsonType): boolean {
  const types = typesOf(node);
  return types === undefined || types.has(type) || (type === "number" && types.has("integer"));
}
