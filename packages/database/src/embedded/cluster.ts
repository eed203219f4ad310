/**
 * The folder that holds the data: created whole or not at all, of the right version, and used by one process at a time.
 *
 *     <dataDir>/data        the PostgreSQL cluster, or a link to it where the server's user cannot enter dataDir
 *     <dataDir>/owner.json  the process that uses it
 *     <dataDir>/server.log  what the server said since its last start
 */

import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chown,
  lstat,
  mkdir,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  symlink,
  unlink,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { DatabaseError } from "../errors.js";
import type { Binaries } from "./binaries.js";
import { isRunning, startedAt } from "./process-facts.js";
import { canEnter, type ServerUser } from "./server-user.js";

const run = promisify(execFile);

export const postgresMajor = 18;
/** Where root keeps what "nobody" must reach. */
export const sharedRoot = "/var/lib/tessera";

/** Takes `dataDir` for this process. @throws DatabaseError DATA_DIR_IN_USE */
export async function claim(dataDir: string): Promise<() => Promise<void>> {
  const path = join(dataDir, "owner.json");
  const mine = JSON.stringify({ pid: process.pid, startedAt: await startedAt(process.pid) });
  for (let attempt = 0; ; attempt += 1) {
    const taken = await writeFile(path, mine, { flag: "wx" }).then(
      () => false,
      (error: NodeJS.ErrnoException) => {
        if (error.code === "EEXIST") return true;
        throw unusable(dataDir, error);
      },
    );
    if (!taken) return () => rm(path, { force: true });
    const owner = await readOwner(path);
    if (attempt > 3 || (owner && (await isRunning(owner.pid, owner.startedAt)))) throw inUse(dataDir, owner?.pid);
    await unlink(path).catch(() => {});
  }
}

async function readOwner(path: string): Promise<{ pid: number; startedAt: string | null } | null> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch {
    return null;
  }
}

export function inUse(dataDir: string, pid: number | undefined): DatabaseError {
  const who = pid === process.pid ? "this very process" : `process ${pid ?? "of another user"}`;
  return new DatabaseError(
    "DATA_DIR_IN_USE",
    `The data folder ${dataDir} is in use by ${who}: stop that one, choose another dataDir, or let both share a server through DATABASE_URL.`,
    { details: { dataDir, pid } },
  );
}

function unusable(dataDir: string, cause: NodeJS.ErrnoException): DatabaseError {
  return new DatabaseError(
    "DATA_DIR_UNUSABLE",
    `The data folder ${dataDir} cannot be used (${cause.code}): make it writable, choose another dataDir, or set DATABASE_URL.`,
    { details: { dataDir }, cause },
  );
}

/** Creates `dataDir` if it is not there yet. */
export async function ensureFolder(dataDir: string): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o755 }).catch((error: NodeJS.ErrnoException) => {
    throw unusable(dataDir, error);
  });
}

export interface ClusterRequest {
  readonly dataDir: string;
  readonly binaries: Binaries;
  readonly user: ServerUser;
  /** Skips fsync: for data that may be lost. */
  readonly disposable: boolean;
  readonly onProgress: (line: string) => void;
}

/** Path of a whole cluster of the right version; created by initdb when there is none. */
export async function ensureCluster(request: ClusterRequest): Promise<string> {
  const place = join(request.dataDir, "data");
  const existing = await lstat(place).catch(() => null);
  const data = existing ? await realpath(place).catch(() => null) : await create(request, place);
  if (!data) throw damaged(request.dataDir, "its data link leads nowhere");
  await checkVersion(request.dataDir, data);
  return data;
}

async function checkVersion(dataDir: string, data: string): Promise<void> {
  const version = await readFile(join(data, "PG_VERSION"), "utf8").then(
    (text) => text.trim(),
    () => null,
  );
  if (version === null) throw damaged(dataDir, "PG_VERSION is missing");
  if (Number(version) === postgresMajor) return;
  throw new DatabaseError(
    "DATA_DIR_WRONG_VERSION",
    `The data folder ${dataDir} was made by PostgreSQL ${version}, this is PostgreSQL ${postgresMajor}: move it with pg_upgrade or dump and restore, or delete it to start empty.`,
    { details: { dataDir, found: version, expected: String(postgresMajor) } },
  );
}

function damaged(dataDir: string, why: string): DatabaseError {
  return new DatabaseError(
    "DATA_DIR_UNUSABLE",
    `The data folder ${dataDir} holds no usable PostgreSQL data (${why}): restore it from a backup, or delete it to start empty.`,
    { details: { dataDir } },
  );
}

/** initdb works in a draft folder that is renamed when done, so that a crash never leaves half a cluster behind. */
async function create(request: ClusterRequest, place: string): Promise<string> {
  const { user, dataDir } = request;
  const reachable = await canEnter(dataDir, user);
  const id = randomBytes(6).toString("hex");
  const home = reachable ? place : join(sharedRoot, `data-${id}`);
  if (!reachable) {
    request.onProgress(`PostgreSQL runs as "nobody", who cannot enter ${dataDir}: its data goes to ${home}.`);
    await ensureFolder(sharedRoot);
  }
  await removeDrafts(dataDir);
  const draft = join(dirname(home), `.draft-${id}`);
  await mkdir(draft, { mode: 0o700 });
  try {
    if (user) await chown(draft, user.uid, user.gid);
    await initdb(request, draft);
    await rename(draft, home);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
  if (!reachable) await symlink(home, place);
  return realpath(home);
}

/** What runs that died while creating the data left behind; we hold the claim, so nobody works in them. */
async function removeDrafts(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    if (name.startsWith(".draft-")) await rm(join(dataDir, name), { recursive: true, force: true });
  }
}

async function initdb({ binaries, user, disposable, dataDir }: ClusterRequest, folder: string): Promise<void> {
  const options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-instructions"];
  options.push("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", `--pgdata=${folder}`);
  if (disposable) options.push("--no-sync");
  try {
    await run(binaries.initdb, options, { env: { PATH: process.env.PATH, LC_ALL: "C" }, cwd: "/", ...user });
  } catch (cause) {
    const said =
      String((cause as { stderr?: string }).stderr ?? "")
        .trim()
        .split("\n")
        .at(-1) || String(cause);
    throw new DatabaseError("SERVER_FAILED", `PostgreSQL could not create its data in ${dataDir}: ${said}`, { cause });
  }
}
