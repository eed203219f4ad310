/** What is where in this repository: every script asks here instead of listing folders itself. */
import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** TESSERA_WORKSPACE points the scripts at another copy of the repository. */
export const root = process.env.TESSERA_WORKSPACE ?? dirname(dirname(fileURLToPath(import.meta.url)));

function subfolders(folder) {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith("."));
  return folders.map((entry) => join(folder, entry.name)).sort();
}

const isPackage = (folder) => existsSync(join(folder, "package.json"));

/** `{ name, suite, folder }` of every subgraph, sorted by suite and name. */
export function listSubgraphs() {
  const folders = subfolders(join(root, "subgraphs")).flatMap(subfolders).filter(isPackage);
  return folders.map((folder) => ({ name: basename(folder), suite: basename(dirname(folder)), folder }));
}

/** Folders of all workspace packages: kernel, router, subgraphs, end-to-end tests, console. */
export function listPackages() {
  const single = ["router", "e2e", "console"].map((name) => join(root, name));
  const subgraphs = listSubgraphs().map((subgraph) => subgraph.folder);
  return [...subfolders(join(root, "packages")), ...single, ...subgraphs].filter(isPackage);
}

export const readJson = (...path) => JSON.parse(readFileSync(join(...path), "utf8"));

/** Path from the repository's root, with forward slashes. */
export const shown = (path) => relative(root, path).replaceAll("\\", "/");

/** The subgraph called `<suite>/<module>`, or a sentence that lists those there are. */
export function findSubgraph(address) {
  const all = listSubgraphs();
  const found = all.find((subgraph) => `${subgraph.suite}/${subgraph.name}` === address);
  if (found) return found;
  const known = all.map((subgraph) => `${subgraph.suite}/${subgraph.name}`).join(", ");
  throw new Problem(`There is no subgraph "${address}". Known: ${known}.`);
}

/** Whether a module is the script that was started, rather than imported by another one. */
export const isMain = (meta) => process.argv[1] !== undefined && realpathSync(process.argv[1]) === meta.filename;

/** A mistake of the person at the keyboard: shown as one sentence, without a stack. */
export class Problem extends Error {}

/** Runs a script's main function: `--help` prints the help, a Problem prints as one sentence and exits 1. */
export async function runScript(help, main) {
  const args = process.argv.slice(2);
  if (args.includes("--help") || args.includes("-h")) {
    console.log(help.trim());
    return;
  }
  try {
    await main(args);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
