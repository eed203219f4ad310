/** Installs BullMQ and pg-boss into a folder of their own, by its lock file and without running
 * scripts of packages. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { folder } from "./configurations.mjs";

const peers = join(folder, "peers");
const lock = join(peers, "package-lock.json");
const marker = join(peers, "node_modules", ".installed-lock.json");

/** Does nothing when what is installed is what the lock file names. @returns whether they are there */
export function installPeers() {
  if (existsSync(marker) && readFileSync(marker, "utf8") === readFileSync(lock, "utf8")) return true;
  console.log("Installing BullMQ and pg-boss (once) …");
  // Not `npm ci`, which insists on optional packages of every platform in the lock file, even where a registry lacks them.
  const { status } = spawnSync("npm", ["install", "--no-save", "--loglevel=error"], { cwd: peers, stdio: "inherit" });
  if (status === 0) cpSync(lock, marker);
  return status === 0;
}
