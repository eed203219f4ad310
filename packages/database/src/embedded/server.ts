/**
 * The embedded server: PostgreSQL as a child process that listens on a private Unix socket and ends with this process,
 * however this process ends.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chown, mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Target } from "../connection-url.js";
import { DatabaseError } from "../errors.js";
import { type Binaries, prepareBinaries } from "./binaries.js";
import { claim, ensureCluster, ensureFolder, inUse, sharedRoot } from "./cluster.js";
import { isAlive, isPostgres } from "./process-facts.js";
import { type ServerUser, serverUser } from "./server-user.js";

export interface EmbeddedServer {
  /** Owner's way to the database "postgres". */
  readonly target: Target;
  readonly processId: number;
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  readonly dataDir: string;
  /** No fsync, faster: for data that may be lost. */
  readonly disposable?: boolean;
  /** Further settings, as `postgres -c` takes them. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly onProgress?: (line: string) => void;
}

const settings = {
  listen_addresses: "",
  unix_socket_permissions: "0700",
  max_connections: "100",
  shared_buffers: "64MB",
  effective_cache_size: "512MB",
  wal_level: "minimal",
  max_wal_senders: "0",
  max_wal_size: "512MB",
  // Parallel plans need /dev/shm, which is tiny in containers, and pay off on large scans only.
  max_parallel_workers_per_gather: "0",
  jit: "off",
  timezone: "UTC",
  log_timezone: "UTC",
  lc_messages: "C",
};
const disposableSettings = { fsync: "off", synchronous_commit: "off", full_page_writes: "off", autovacuum: "off" };

/**
 * The shell stays beside the server: its standard input is a pipe from this process, which the system closes even when
 * this process is killed, and then it stops the server ("fast": open transactions are rolled back).
 */
const keeper = `exec 3<&0
"$@" 3<&- </dev/null &
server=$!
{ read -r _ <&3; kill -INT $server; } 2>/dev/null &
watcher=$!
wait $server
status=$?
kill $watcher 2>/dev/null
rmdir "$SOCKET_DIR" 2>/dev/null
exit $status`;

export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  if (process.platform === "win32") {
    throw new DatabaseError("UNSUPPORTED_PLATFORM", "The embedded PostgreSQL needs Linux or macOS: set DATABASE_URL.");
  }
  const dataDir = resolve(options.dataDir);
  const onProgress = options.onProgress ?? (() => {});
  const user = serverUser();
  await ensureFolder(dataDir);
  const release = await claim(dataDir);
  try {
    const binaries = await prepareBinaries(user ? sharedRoot : dataDir, user);
    const disposable = options.disposable ?? false;
    const data = await ensureCluster({ dataDir, binaries, user, disposable, onProgress });
    await stopOrphan(dataDir, data, onProgress);
    return await launch({ ...options, dataDir, data, binaries, user, release });
  } catch (error) {
    await release();
    throw error;
  }
}

/**
 * A server left over from a process that was killed. We hold the claim on `dataDir`, so nobody else of ours uses it.
 * It is stopped rather than taken over, since only a child of this process ends with it.
 */
async function stopOrphan(dataDir: string, data: string, onProgress: (line: string) => void): Promise<void> {
  const path = join(data, "postmaster.pid");
  const pid = Number((await readFile(path, "utf8").catch(() => "")).split("\n")[0]);
  if (!pid) return;
  if (!(await isPostgres(pid))) return rm(path, { force: true });
  onProgress(`Stopping PostgreSQL (process ${pid}) left over from an earlier run.`);
  for (const signal of ["SIGINT", "SIGQUIT"] as const) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EPERM") throw inUse(dataDir, pid);
    }
    for (let waited = 0; waited < 8000; waited += 20) {
      if (!isAlive(pid)) return;
      await sleep(20);
    }
  }
  throw inUse(dataDir, pid);
}

interface Launch extends EmbeddedOptions {
  readonly data: string;
  readonly binaries: Binaries;
  readonly user: ServerUser;
  readonly release: () => Promise<void>;
}

async function launch(request: Launch): Promise<EmbeddedServer> {
  const { data, user, release } = request;
  const socketDir = await makeSocketDir(user);
  const logPath = join(request.dataDir, "server.log");
  const cleanUp = async () => {
    await rm(socketDir, { recursive: true, force: true });
    await release();
  };
  const child = await spawnServer(request, socketDir, logPath);
  const ended = once(child, "exit").then(() => {});
  try {
    const processId = await ready(child, data, logPath);
    const stop = () => stopServer(child, ended).then(cleanUp);
    const port = Number(request.settings?.port ?? 5432);
    const target = { host: socketDir, port, user: "postgres", password: "", database: "postgres", ssl: false } as const;
    return { target, processId, stop };
  } catch (error) {
    await stopServer(child, ended);
    await rm(socketDir, { recursive: true, force: true });
    throw error;
  }
}

/** Socket paths may have 107 bytes (103 on macOS), so it cannot be under `dataDir`. */
async function makeSocketDir(user: ServerUser): Promise<string> {
  const root = Buffer.byteLength(tmpdir()) <= 70 ? tmpdir() : "/tmp";
  const folder = await mkdtemp(join(root, "tessera-"));
  if (user) await chown(folder, user.uid, user.gid);
  return folder;
}

async function spawnServer(request: Launch, socketDir: string, logPath: string): Promise<ChildProcess> {
  const all = { ...settings, ...(request.disposable ? disposableSettings : {}), ...request.settings };
  const args = ["-D", request.data, "-k", socketDir];
  for (const [name, value] of Object.entries(all)) args.push("-c", `${name}=${value}`);
  const log = await open(logPath, "w");
  try {
    return spawn("/bin/sh", ["-c", keeper, "tessera-postgres", request.binaries.postgres, ...args], {
      stdio: ["pipe", log.fd, log.fd],
      env: { PATH: process.env.PATH, LC_ALL: "C", SOCKET_DIR: socketDir },
      cwd: "/",
      // Ctrl-C reaches every process of the terminal's group; the server must outlive our own shutdown.
      detached: true,
      ...request.user,
    });
  } finally {
    await log.close();
  }
}

/** The server writes "ready" into the eighth line of postmaster.pid once it takes connections. */
async function ready(child: ChildProcess, data: string, logPath: string): Promise<number> {
  let failure: Error | null = null;
  child.once("error", (error) => {
    failure = error;
  });
  for (let waited = 0; waited < 60_000; waited += 10) {
    const lines = (await readFile(join(data, "postmaster.pid"), "utf8").catch(() => "")).split("\n");
    if (lines[7]?.trim() === "ready") return Number(lines[0]);
    if (failure || child.exitCode !== null || child.signalCode !== null) break;
    await sleep(10);
  }
  const said = (await readFile(logPath, "utf8").catch(() => "")).trim().split("\n").slice(-3).join(" ");
  throw new DatabaseError("SERVER_FAILED", `PostgreSQL did not start: ${said || "it said nothing"} (see ${logPath}).`, {
    details: { log: logPath },
    cause: failure,
  });
}

async function stopServer(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.stdin?.end();
  const finished = await Promise.race([ended.then(() => true), sleep(15_000, false, { ref: false })]);
  if (finished) return;
  process.kill(-child.pid, "SIGQUIT");
  await ended;
}
