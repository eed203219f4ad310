/**
 * Builds the package in the current folder: every TypeScript file under src/ becomes one JavaScript file under dist/.
 * Types are checked apart (`npm run typecheck`), so a build takes milliseconds.
 */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

const files = await readdir("src", { recursive: true });
const sources = files.filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !file.endsWith(".d.ts"));

await rm("dist", { recursive: true, force: true });
await build({
  entryPoints: sources.map((file) => join("src", file)),
  outdir: "dist",
  outbase: "src",
  format: "esm",
  platform: "node",
  target: "node20",
  sourcemap: true,
  logLevel: "warning",
});
