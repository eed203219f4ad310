/** `npm run chaos`: what survives when processes are killed and servers go away. The program itself is e2e/chaos. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { buildStale } from "./build.mjs";
import { root } from "./workspace.mjs";

// Below the package, so that it finds the same node_modules.
const program = join(root, "e2e/dist/chaos/main.mjs");

await buildStale();
const { build } = await import("esbuild");
await build({
  entryPoints: [join(root, "e2e/chaos/src/main.ts")],
  outfile: program,
  bundle: true,
  packages: "external",
  platform: "node",
  format: "esm",
  target: "node20",
  logLevel: "warning",
});
const { main } = await import(pathToFileURL(program).href);
process.exit(await main(process.argv.slice(2), root));
