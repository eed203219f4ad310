/** Source files of a package and what they import, read with TypeScript's own scanner. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

const skipped = /(^|\/)(node_modules|dist|generated|coverage)\//;

/** Paths under `folder`, relative to it, of the sources a person wrote. */
export function listSources(folder) {
  const places = ["src", "test", "chaos"].filter((place) => existsSync(join(folder, place)));
  const files = places.flatMap((place) =>
    readdirSync(join(folder, place), { recursive: true }).map(
      (file) => `${place}/${String(file).replaceAll("\\", "/")}`,
    ),
  );
  return files.filter((file) => /\.(ts|tsx|mts|mjs)$/.test(file) && !skipped.test(file)).sort();
}

export const isTest = (file) => file.startsWith("test/") || /\.test\.tsx?$/.test(file);

export function lineOf(text, position) {
  return text.slice(0, position).split("\n").length;
}

/** `{ specifier, line, dynamic }` of every static, dynamic, re-exporting and type-only import. */
export function importsOf(text) {
  const { importedFiles } = ts.preProcessFile(text, true, false);
  const isDynamic = (position) => /import\(\s*["'`]?$/.test(text.slice(Math.max(0, position - 20), position));
  return importedFiles.map(({ fileName, pos }) => ({
    specifier: fileName,
    line: lineOf(text, pos),
    dynamic: isDynamic(pos),
  }));
}

/** `{ name, lines, line }` of every function with a body, signature included. */
export function functionsOf(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found = [];
  const visit = (node) => {
    if (ts.isFunctionLike(node) && node.body && ts.isBlock(node.body)) found.push(measure(source, node));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function measure(source, node) {
  const first = source.getLineAndCharacterOfPosition(node.getStart(source)).line;
  const last = source.getLineAndCharacterOfPosition(node.end).line;
  const name = node.name?.getText(source) ?? node.parent?.name?.getText?.(source) ?? "function";
  return { name, lines: last - first + 1, line: first + 1 };
}

export const readText = (folder, file) => readFileSync(join(folder, file), "utf8");
