/** The subgraphs that supergraph.yaml names, loaded from their folders. No subgraph is a dependency of this package. */
import { access } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { readSupergraphConfig } from "@tessera/router";
import type { Subgraph } from "@tessera/subgraph";
import { LaunchProblem } from "./problem.js";

export interface LoadedSubgraph {
  readonly name: string;
  readonly suite: string;
  /** The package folder. */
  readonly folder: string;
  readonly schemaFile: string;
  /** Where it listens when it runs in a process of its own. */
  readonly url: string;
  readonly subgraph: Subgraph;
}

export interface Supergraph {
  /** The composition the file asks for, such as `=2.14.4`. */
  readonly federationVersion: string;
  readonly subgraphs: readonly LoadedSubgraph[];
}

/** The default export of the package's built entry. */
export async function importSubgraph(folder: string): Promise<Subgraph> {
  const entry = join(folder, "dist", "index.js");
  await access(entry).catch(() => {
    throw new LaunchProblem(`${folder} is not built: run npm run build.`);
  });
  const module = (await import(pathToFileURL(entry).href)) as { default: Subgraph };
  return module.default;
}

export async function loadSupergraph(root: string): Promise<Supergraph> {
  const config = await readSupergraphConfig(join(root, "supergraph.yaml"));
  const subgraphs = await Promise.all(
    config.subgraphs.map(async ({ name, file, url = "" }) => {
      const folder = dirname(file);
      const subgraph = await importSubgraph(folder);
      return { name, suite: basename(dirname(folder)), folder, schemaFile: file, url, subgraph };
    }),
  );
  return { federationVersion: config.federationVersion ?? "", subgraphs };
}
