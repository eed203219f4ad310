/** Builds every package whose sources changed, in one process. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { buildPackage, isBuilt } from "./build-package.mjs";
import { isMain, listPackages, Problem, readJson, root, runScript, shown } from "./workspace.mjs";

const help = `
Usage: node scripts/build.mjs

Builds the packages whose sources changed since their last build. \`npm run build\` does the same through Turborepo.
`;

/** Folders of the package called `name` and of every package of this repository it needs. */
function neededBy(name, folders) {
  const all = folders.map((folder) => ({ folder, ...readJson(folder, "package.json") }));
  const names = new Set([name]);
  // A set visits what is added while it is walked.
  for (const one of names) {
    const { dependencies = {} } = all.find((known) => known.name === one) ?? {};
    for (const dependency of Object.keys(dependencies)) names.add(dependency);
  }
  return all.filter((known) => names.has(known.name)).map(({ folder }) => folder);
}

/**
 * Builds everything, or the package called `only` and what it needs.
 *
 * @returns the number of packages that had to be built
 */
export async function buildStale(only) {
  if (!existsSync(join(root, "node_modules", "esbuild")))
    throw new Problem("The dependencies are not installed: run npm ci.");
  const packages = listPackages().filter((folder) => existsSync(join(folder, "src", "index.ts")));
  const candidates = only === undefined ? packages : neededBy(only, packages);
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
