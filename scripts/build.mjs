/** Builds every package whose sources changed, in one process. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { buildPackage, isBuilt } from "./build-package.mjs";
import { isMain, listPackages, Problem, root, runScript, shown } from "./workspace.mjs";

const help = `
Usage: node scripts/build.mjs

Builds the packages whose sources changed since their last build. \`npm run build\` does the same through Turborepo.
`;

/** @returns the number of packages that had to be built */
export async function buildStale() {
  if (!existsSync(join(root, "node_modules", "esbuild")))
    throw new Problem("The dependencies are not installed: run npm ci.");
  const candidates = listPackages().filter((folder) => existsSync(join(folder, "src", "index.ts")));
  const stale = candidates.filter((folder) => !isBuilt(folder));
  const results = await Promise.allSettled(stale.map(buildPackage));
  const broken = stale.filter((_, index) => results[index].status === "rejected");
  if (broken.length > 0)
    throw new Problem(`Did not build: ${broken.map(shown).join(", ")}. The messages above say where.`);
  return stale.length;
}

if (isMain(import.meta)) {
  await runScript(help, async () => console.log(`Built ${await buildStale()} packages.`));
}
