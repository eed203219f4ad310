/** Deletes everything a start has kept, so that the next one begins with an empty database. */
import { existsSync, lstatSync, realpathSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { Problem, readJson, root, runScript } from "./workspace.mjs";

const help = `
Usage: npm run reset [-- --data <folder>]

Deletes the data folder (default .tessera, or TESSERA_DATA_DIR): the embedded database with all data, the installation's
secret, the private Redis. An external database (DATABASE_URL) is left alone.
`;

function dataFolder(args) {
  const index = args.indexOf("--data");
  if (index < 0 && args.length > 0) throw new Problem(`There is no option "${args[0]}". See: npm run reset -- --help`);
  if (index >= 0 && args[index + 1] === undefined) throw new Problem("--data needs a folder.");
  return resolve(root, args[index + 1] ?? process.env.TESSERA_DATA_DIR ?? ".tessera");
}

function refuseWhileRunning(folder) {
  const owner = join(folder, "postgres", "owner.json");
  if (!existsSync(owner)) return;
  const { pid } = readJson(owner);
  if (isAlive(pid))
    throw new Problem(`Process ${pid} is using ${folder}: stop it first (Ctrl-C where it runs), then reset.`);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Started as root, PostgreSQL may have had to keep its data elsewhere; the data folder then holds a link to it. */
function clusterBehind(folder) {
  const place = join(folder, "postgres", "data");
  const linked = lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink() && existsSync(place);
  return linked ? [realpathSync(place)] : [];
}

/** A wrong --data must not cost anybody their files: only a folder that a start has made is deleted. */
function refuseForeign(folder) {
  const marks = ["postgres", "secret", "redis", "supergraph.graphql"];
  if (marks.some((mark) => existsSync(join(folder, mark)))) return;
  throw new Problem(`${folder} does not look like a data folder of Tessera; nothing was deleted.`);
}

function main(args) {
  const folder = dataFolder(args);
  if (!existsSync(folder)) return console.log(`There is nothing in ${folder}; the next start begins empty.`);
  refuseForeign(folder);
  refuseWhileRunning(folder);
  for (const path of [...clusterBehind(folder), folder]) rmSync(path, { recursive: true, force: true });
  console.log(`Deleted ${folder}. The next start begins empty.`);
}

await runScript(help, main);
