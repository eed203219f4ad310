/** Composes the supergraph, or takes the one composed last time when no schema has changed since. */
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { compose, type SubgraphSource } from "@tessera/router";
import type { Supergraph } from "./supergraph-file.js";

const fileName = "supergraph.graphql";

/** @throws CompositionFailed naming file, line and coordinate. */
export async function composeOnce({ federationVersion, subgraphs }: Supergraph, dataDir: string): Promise<string> {
  const sources = subgraphs.map(({ name, schemaFile, url, subgraph }) => ({
    name,
    file: schemaFile,
    url,
    sdl: subgraph.sdl,
  }));
  const heading = `# ${fingerprint(federationVersion, sources)}\n`;
  const file = join(dataDir, fileName);
  const kept = await readFile(file, "utf8").catch(() => "");
  if (kept.startsWith(heading)) return kept.slice(heading.length);
  const { supergraphSdl } = compose(sources);
  await keep(file, heading + supergraphSdl);
  return supergraphSdl;
}

function fingerprint(version: string, sources: readonly SubgraphSource[]): string {
  return createHash("sha256")
    .update(version + JSON.stringify(sources))
    .digest("hex");
}

/** Whole or not at all: a start that is interrupted here must not leave half a supergraph. */
async function keep(file: string, text: string): Promise<void> {
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
}
