/** Inside a subgraph: resolvers and reactions → domain → queries → tables, and nothing the other way round. */
import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { importsOf, isTest, readText } from "./sources.mjs";

const layers = [
  { name: "index", rank: 6, matches: /^src\/(index|demo)(\.ts|\/|-)/ },
  { name: "resolvers", rank: 5, matches: /^src\/(resolvers|reactions|processes|generated)(\.ts|\/)/ },
  { name: "mappers", rank: 4, matches: /^src\/mappers\.ts$/ },
  { name: "queries", rank: 2, matches: /^src\/queries(\.ts|\/)/ },
  { name: "tables", rank: 1, matches: /^src\/(tables|columns)(\.ts|\/)/ },
  { name: "errors", rank: 0, matches: /^src\/errors\.ts$/ },
  { name: "domain", rank: 3, matches: /^src\// },
];

const layerOf = (file) => layers.find((layer) => layer.matches.test(file));

/** Where an operation is subject matter, as data, and not the module's own API. */
const readsDocuments = (file) => file.endsWith("/read-operation.ts");

function targetOf(file, specifier) {
  return posix.join(posix.dirname(file), specifier).replace(/\.js$/, ".ts");
}

/** What is wrong with `file` importing `specifier`, or null. */
export function layerProblem(folder, file, specifier) {
  if (isTest(file)) return null;
  const from = layerOf(file);
  if (specifier === "graphql" && from && from.rank <= 3 && !readsDocuments(file))
    return `${from.name} does not know GraphQL: move this to the resolvers.`;
  if (!specifier.startsWith(".")) return null;
  const target = targetOf(file, specifier);
  const to = layerOf(target);
  if (!from || !to || to.rank <= from.rank || isPureRule(folder, target)) return null;
  return `${from.name} may not import ${to.name} (${specifier}): resolvers and reactions → domain → queries → tables.`;
}

/** A rule without I/O, whose types and values every layer may use: it imports other such rules and nothing else of the module. */
function isPureRule(folder, file, seen = new Set()) {
  if (layerOf(file)?.name === "errors" || seen.has(file)) return true;
  if (layerOf(file)?.name !== "domain" || !existsSync(join(folder, file))) return false;
  seen.add(file);
  const imports = importsOf(readText(folder, file)).filter(({ specifier }) => specifier.startsWith("."));
  return imports.every(({ specifier }) => isPureRule(folder, targetOf(file, specifier), seen));
}
