/** Sizes, names and words: what keeps a file readable in one sitting. */
import { functionsOf, isTest, lineOf } from "./sources.mjs";

const emptyNames = new Set(["utils", "util", "common", "core", "misc", "helpers", "helper"]);
const longestFunction = 60;

// Written in two pieces, so that this file does not find itself.
const words = [
  {
    pattern: new RegExp(`\\b(${"TO"}DO|${"FIX"}ME)\\b`),
    say: "Do it, or open an issue: no notes to do something later",
  },
  { pattern: new RegExp(`@ts-${"ignore"}|@ts-${"nocheck"}`), say: "Repair the type instead of silencing it" },
  { pattern: new RegExp(`\\b(test|it|describe)\\.(${"skip"}|${"only"}|${"todo"})\\b`), say: "Every test runs" },
];

export function nameProblems(file) {
  const empty = file.split("/").find((part) => emptyNames.has(part.replace(/\..*$/, "")));
  return empty ? [`"${empty}" says nothing: name it by what it does.`] : [];
}

/** A module's schema is one file however much it owns, because rover's format takes one per subgraph. */
function sizeLimit(file) {
  if (file.endsWith("schema.graphql")) return 950;
  return isTest(file) ? 500 : 300;
}

/** `{ line, message }` of everything over a budget in one file. */
export function budgetProblems(file, text) {
  const lines = text.trimEnd().split("\n").length;
  const limit = sizeLimit(file);
  const size =
    lines > limit ? [{ line: lines, message: `${lines} lines, ${limit} at most: cut the noun in two.` }] : [];
  if (file.endsWith(".graphql")) return size;
  return [...size, ...longFunctions(file, text), ...badWords(text)];
}

function longFunctions(file, text) {
  if (isTest(file)) return [];
  const long = functionsOf(file, text).filter((found) => found.lines > longestFunction);
  return long.map(({ name, lines, line }) => ({
    line,
    message: `${name} has ${lines} lines, ${longestFunction} at most.`,
  }));
}

function badWords(text) {
  return words.flatMap(({ pattern, say }) => {
    const at = text.search(pattern);
    return at < 0 ? [] : [{ line: lineOf(text, at), message: `${say}.` }];
  });
}
