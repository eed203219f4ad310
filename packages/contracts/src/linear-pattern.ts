/** Regular expressions that take linear time whatever they are given, for patterns that come from outside. */
import { RE2JS } from "re2js";

export interface Pattern {
  test(text: string): boolean;
  /** Distinct patterns have distinct texts: the validator tells them apart by it. */
  toString(): string;
}

/** @throws when the pattern uses what linear time cannot do: look-around, back references. */
export function compileLinear(pattern: string): Pattern {
  const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern));
  return { test: (text) => compiled.matcher(text).find(), toString: () => `linear ${pattern}` };
}

/** Linear where possible; our own patterns that need more run on the engine of JavaScript. */
export function compilePattern(pattern: string): Pattern {
  try {
    return compileLinear(pattern);
  } catch {
    return new RegExp(pattern, "u");
  }
}
