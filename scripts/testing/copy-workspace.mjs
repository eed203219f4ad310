/** A copy of the repository to try things in: its own sources and links between packages, the same installed libraries. */
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { root } from "../workspace.mjs";

const leftOut = new Set(["node_modules", ".git", ".tessera", ".turbo", "coverage"]);

/** Libraries are shared by link; links between our own packages are made anew, so they stay inside the copy. */
function linkModules(from, to) {
  if (!existsSync(from)) return;
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from)) {
    const source = join(from, entry);
    if (entry === "@tessera") linkModules(source, join(to, entry));
    else
      symlinkSync(
        from.endsWith("@tessera") && lstatSync(source).isSymbolicLink() ? readlinkSync(source) : source,
        join(to, entry),
      );
  }
}

function foldersWithModules() {
  const nested = ["packages", "subgraphs", "router", "e2e"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .map((entry) => join(folder, String(entry)))
      .filter((entry) => entry.endsWith(`${sep}node_modules`) && !entry.slice(0, -1).includes(`node_modules${sep}`)),
  );
  return ["node_modules", ...nested];
}

/** @returns `{ folder, remove }` */
export function copyWorkspace(prefix = "tessera copy ") {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  const wanted = (path) => !leftOut.has(path.split(sep).at(-1));
  for (const entry of readdirSync(root).filter((name) => !leftOut.has(name))) {
    cpSync(join(root, entry), join(folder, entry), { recursive: true, filter: wanted });
  }
  for (const modules of foldersWithModules()) linkModules(join(root, modules), join(folder, modules));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
