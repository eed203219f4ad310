/** What clients see of all subgraphs, for code generation. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { printSchema } from "graphql";
import { buildStale } from "./build.mjs";
import { root } from "./workspace.mjs";

const importBuilt = (path) => import(pathToFileURL(join(root, path)).href);

/**
 * Composes the schema files alone, so that the code of a module may be half done. `subgraphs` as `listSubgraphs` gives
 * them. @returns SDL without federation directives and without anything inaccessible
 */
export async function clientSchema(subgraphs) {
  await buildStale();
  const { defineSubgraph } = await importBuilt("packages/subgraph/dist/index.js");
  const { compose } = await importBuilt("router/dist/index.js");
  const { buildSupergraph } = await importBuilt("router/dist/supergraph/supergraph.js");
  const sources = subgraphs.map(({ name, suite, folder }) => {
    const { sdl } = defineSubgraph({ name, suite, root: pathToFileURL(`${folder}/`), resolvers: {} });
    return { name, file: join(folder, "schema.graphql"), sdl };
  });
  return printSchema(buildSupergraph(compose(sources).supergraphSdl, { defer: false }).apiSchema);
}
