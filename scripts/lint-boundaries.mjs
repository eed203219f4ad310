/** Checks who imports whom, and the size of files and functions, over the whole repository. */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { budgetProblems, nameProblems } from "./lint/budgets.mjs";
import { layerProblem } from "./lint/layers.mjs";
import { borderProblem } from "./lint/package-borders.mjs";
import { importsOf, listSources, readText } from "./lint/sources.mjs";
import { isMain, listPackages, listSubgraphs, Problem, readJson, root, runScript, shown } from "./workspace.mjs";

const help = `
Usage: node scripts/lint-boundaries.mjs

Checks every package: imports cross borders only where the architecture allows it, dependencies are declared, layers
inside a subgraph point one way, files and functions stay within their budgets. Part of \`npm run lint\`.
`;

function describe(folder, subgraphFolders) {
  const kind = subgraphFolders.has(folder) ? "subgraph" : "kernel";
  return {
    kind,
    name: basename(folder),
    manifest: readJson(folder, "package.json"),
    rootManifest: readJson(root, "package.json"),
  };
}

function leavesPackage(file, specifier) {
  const depth = file.split("/").length - 1;
  const climbs = specifier.split("/").filter((part) => part === "..").length;
  return specifier.startsWith(".") && climbs > depth;
}

function importProblems(owner, folder, file, text) {
  return importsOf(text).flatMap((found) => {
    const { specifier, line } = found;
    const leaves = leavesPackage(file, specifier)
      ? `${specifier} reaches into another package: import it by name.`
      : null;
    const layer = owner.kind === "subgraph" ? layerProblem(folder, file, specifier) : null;
    const message = leaves ?? borderProblem(owner, file, found) ?? layer;
    return message ? [{ line, message }] : [];
  });
}

function fileProblems(owner, folder, file) {
  const text = readText(folder, file);
  const named = nameProblems(file).map((message) => ({ line: 1, message }));
  const found = [...named, ...importProblems(owner, folder, file, text), ...budgetProblems(file, text)];
  return found.map(({ line, message }) => `${shown(join(folder, file))}:${line} ${message}`);
}

/** One line per problem, `path:line sentence`. */
export function findProblems() {
  const subgraphFolders = new Set(listSubgraphs().map((subgraph) => subgraph.folder));
  return listPackages().flatMap((folder) => {
    const owner = describe(folder, subgraphFolders);
    const sources = listSources(folder).flatMap((file) => fileProblems(owner, folder, file));
    return [...sources, ...schemaProblems(folder)];
  });
}

function schemaProblems(folder) {
  if (!existsSync(join(folder, "schema.graphql"))) return [];
  const problems = budgetProblems("schema.graphql", readText(folder, "schema.graphql"));
  return problems.map(({ line, message }) => `${shown(join(folder, "schema.graphql"))}:${line} ${message}`);
}

function main() {
  const problems = findProblems();
  if (problems.length > 0) throw new Problem(`${problems.join("\n")}\n${problems.length} problems.`);
  console.log("Imports, budgets and names are in order.");
}

if (isMain(import.meta)) await runScript(help, main);
