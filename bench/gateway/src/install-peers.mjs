/** Installs the other gateways into a folder of their own, by its lock file. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { folder } from "./configurations.mjs";

const peers = join(folder, "peers");

/** Does nothing when what is installed is what the lock file names. A failure is said, and the run goes on without them. */
export function installPeers() {
  if (isInstalled()) return;
  console.log("Installing the gateways to compare with (once, about 700 MB) …");
  const { status } = spawnSync("npm", ["ci", "--loglevel=error", "--progress=true"], { cwd: peers, stdio: "inherit" });
  if (status !== 0) {
    console.log("They could not be installed; the tables say so.");
    return;
  }
  mkdirSync(join(peers, "node_modules"), { recursive: true });
  cpSync(join(peers, "package-lock.json"), marker());
}

const marker = () => join(peers, "node_modules", ".installed-lock.json");

function isInstalled() {
  const lock = join(peers, "package-lock.json");
  return existsSync(marker()) && readFileSync(marker(), "utf8") === readFileSync(lock, "utf8");
}
