/** What a conjunction of schemas says about one property of an object. */
import { compilePattern } from "../linear-pattern.js";
import type { Node } from "./node.js";

/** All schemas that apply to the value of the property `name`. */
export function valueAt(parts: readonly Node[], name: string): Node[] {
  return parts.flatMap((part) => {
    const named = Object.hasOwn((part.keywords.properties as object | undefined) ?? {}, name)
      ? [part.child("properties", name)]
      : [];
    const matching = patternsOf(part).filter((pattern) => matches(pattern, name));
    const found = [...named, ...matching.map((pattern) => part.child("patternProperties", pattern))];
    return found.length > 0 ? found.flatMap((node) => node ?? []) : (part.child("additionalProperties") ?? []);
  });
}

export const patternsOf = (part: Node): string[] => part.names("patternProperties");

const matches = (pattern: string, name: string): boolean => compilePattern(pattern).test(name);

export const requiredNames = (parts: readonly Node[]): Set<string> =>
  new Set(parts.flatMap((part) => (Array.isArray(part.keywords.required) ? part.names("required") : [])));

/** The only names there can be, `undefined` when there can be others. */
export function closedNames(parts: readonly Node[]): string[] | undefined {
  const closed = parts.find((part) => part.keywords.additionalProperties === false && patternsOf(part).length === 0);
  return closed?.names("properties").filter((name) => !valueAt(parts, name).some(({ schema }) => schema === false));
}
