/**
 * Builds one package: every TypeScript file under src/ becomes one JavaScript file under dist/. Types are checked apart
 * (`npm run typecheck`), so a build takes milliseconds. A stamp of the sources lets a package that has not changed be left alone.
 */
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isMain } from "./workspace.mjs";

const stampFile = (folder) => join(folder, "dist", ".sources");

function listSources(folder) {
  const files = readdirSync(join(folder, "src"), { recursive: true }).sort();
  const sources = files.filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !file.endsWith(".d.ts"));
  // Generated types vanish in the build, and need not exist for it.
  return sources.filter((file) => !/(^|[\\/])generated[\\/]/.test(file));
}

function fingerprint(folder, sources) {
  const lines = sources.map((file) => {
    const { mtimeMs, size } = statSync(join(folder, "src", file));
    return `${file} ${size} ${mtimeMs}`;
  });
  return lines.join("\n");
}

/** Whether dist/ was made from the sources as they are on disk. */
export function isBuilt(folder) {
  const stamp = stampFile(folder);
  return existsSync(stamp) && readFileSync(stamp, "utf8") === fingerprint(folder, listSources(folder));
}

function clear(dist) {
  // dist/types belongs to the type check, which keeps its own state there.
  const old = existsSync(dist) ? readdirSync(dist).filter((entry) => entry !== "types") : [];
  for (const entry of old) rmSync(join(dist, entry), { recursive: true, force: true });
}

export async function buildPackage(folder) {
  const { build } = await import("esbuild");
  const sources = listSources(folder);
  const stamp = fingerprint(folder, sources);
  clear(join(folder, "dist"));
  await build({
    absWorkingDir: folder,
    entryPoints: sources.map((file) => join("src", file)),
    outdir: "dist",
    outbase: "src",
    format: "esm",
    platform: "node",
    target: "node20",
    sourcemap: true,
    logLevel: "warning",
  });
  writeFileSync(stampFile(folder), stamp);
}

if (isMain(import.meta)) await buildPackage(process.cwd());
