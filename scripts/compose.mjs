/** Composes all subgraphs, as every start does, and prints what does not fit together. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { buildStale } from "./build.mjs";
import { Problem, root, runScript } from "./workspace.mjs";

const help = `
Usage: node scripts/compose.mjs

Composes the subgraphs that supergraph.yaml names. Problems are listed with file, line and schema coordinate.
`;

const importBuilt = (path) => import(pathToFileURL(join(root, path)).href);

async function main() {
  await buildStale();
  const { loadSupergraph } = await importBuilt("packages/launcher/dist/supergraph-file.js");
  const { compose } = await importBuilt("router/dist/index.js");
  const { subgraphs } = await loadSupergraph(root);
  const sources = subgraphs.map(({ name, schemaFile, url, subgraph }) => ({
    name,
    file: schemaFile,
    url,
    sdl: subgraph.sdl,
  }));
  try {
    compose(sources);
  } catch (error) {
    throw error.code === "COMPOSITION_FAILED" ? new Problem(error.message) : error;
  }
  // Building the executable schemas finds resolvers, loaders and access rules that are missing.
  for (const { subgraph } of subgraphs) subgraph.schema();
  console.log(`${subgraphs.length} subgraphs compose.`);
}

await runScript(help, main);
