/** Builds the modules of the run, and writes the supergraph.yaml its servers start from. */
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

const modules = ["chaos-ledger", "chaos-counter", "chaos-journal", "chaos-balance", "chaos-rebuilt"];

/** `root` is the repository's; the file goes into `folder`. */
export async function writeSupergraph(root: string, folder: string): Promise<void> {
  const sources = join(root, "e2e/chaos/subgraphs");
  const { build } = await import("esbuild");
  await build({
    entryPoints: modules.map((name) => ({ in: join(sources, name, "index.ts"), out: join(name, "dist/index") })),
    outdir: sources,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20",
    logLevel: "warning",
  });
  const identity = join(root, "subgraphs/platform/identity");
  if (!existsSync(join(identity, "dist/index.js"))) throw new Error(`${identity} is not built: run npm run build.`);
  // Accounts and tokens are those of the real module.
  const places = [["identity", identity], ...modules.map((name) => [name, join(sources, name)])];
  const entries = places.map(
    ([name, at]) =>
      `  ${name}:\n    routing_url: http://127.0.0.1:1/graphql\n    schema:\n      file: ${JSON.stringify(join(at ?? "", "schema.graphql"))}\n`,
  );
  await writeFile(join(folder, "supergraph.yaml"), `federation_version: =2.14.4\nsubgraphs:\n${entries.join("")}`);
}
