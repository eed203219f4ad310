/** A real Redis for tests, found or made. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { createClient } from "redis";
import { freePort } from "./free-port.js";

const run = promisify(execFile);

export interface TestRedis {
  readonly url: string;
  /**
   * Kills it and starts it again on the same port with the same data, when `downMs` have passed and `meanwhile` is over,
   * during which it is surely away. Only for a server of one's own.
   */
  restart(options?: { downMs?: number; meanwhile?: () => Promise<unknown> }): Promise<void>;
  /** Stops the server if it was started here. */
  close(): Promise<void>;
}

export interface TestRedisOptions {
  /** A server nobody else uses, even if REDIS_URL is set; it may be restarted. */
  readonly own?: boolean;
}

const howTo =
  "These tests need a real Redis (7 or newer). Set REDIS_URL to one (for example REDIS_URL=redis://127.0.0.1:6379), or " +
  "put `redis-server` or `valkey-server` on the PATH (Debian and Ubuntu: apt-get install redis-server).";

/**
 * `REDIS_URL` when it is set; else a throw-away `redis-server` or `valkey-server` from the PATH; else Debian's, installed
 * by apt-get when this process is root; else an error that says how to provide one.
 */
export async function startTestRedis({ own = false }: TestRedisOptions = {}): Promise<TestRedis> {
  const given = process.env.REDIS_URL;
  if (given && !own) {
    await answers(given);
    return { url: given, restart: refuseRestart, close: async () => {} };
  }
  const program = (await installed()) ?? (await install());
  return startServer(program);
}

async function refuseRestart(): Promise<void> {
  throw new Error(
    "The Redis at REDIS_URL belongs to somebody else. Ask for one of your own: startTestRedis({ own: true }).",
  );
}

async function installed(): Promise<string | null> {
  for (const program of ["redis-server", "valkey-server"]) {
    const found = await run(program, ["--version"]).then(
      () => true,
      () => false,
    );
    if (found) return program;
  }
  return null;
}

/** Several test files may get here at once; apt's own lock lets them wait for each other. */
async function install(): Promise<string> {
  const mayInstall = process.platform === "linux" && process.getuid?.() === 0;
  if (!mayInstall) throw new Error(howTo);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const wait = ["-o", "DPkg::Lock::Timeout=120", "-q"];
  try {
    await run("apt-get", [...wait, "update"], { env });
    await run("apt-get", [...wait, "install", "-y", "--no-install-recommends", "redis-server"], { env });
  } catch (cause) {
    throw new Error(`${howTo} Installing it with apt-get did not work.`, { cause });
  }
  const program = await installed();
  if (!program) throw new Error(howTo);
  return program;
}

async function startServer(program: string): Promise<TestRedis> {
  const folder = await mkdtemp(join(tmpdir(), "tessera-redis-"));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let server = await launch(program, port, folder);
  return {
    url,
    restart: async ({ downMs = 0, meanwhile = async () => {} } = {}) => {
      await stop(server);
      try {
        await Promise.all([sleep(downMs), meanwhile()]);
      } finally {
        server = await launch(program, port, folder);
      }
    },
    close: async () => {
      await stop(server);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function launch(program: string, port: number, folder: string): Promise<ChildProcess> {
  const settings = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""];
  const server = spawn(program, [...settings, "--appendonly", "yes", "--appendfsync", "always"], { stdio: "ignore" });
  process.once("exit", () => server.kill("SIGKILL"));
  await answers(`redis://127.0.0.1:${port}`);
  return server;
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = new Promise((resolve) => server.once("exit", resolve));
  server.kill("SIGKILL");
  await exited;
}

async function answers(url: string): Promise<void> {
  let problem: unknown;
  for (let attempt = 0; attempt < 400; attempt++) {
    const client = createClient({ url, socket: { reconnectStrategy: false, connectTimeout: 1000 } });
    client.on("error", () => {});
    try {
      await client.connect();
      await client.ping();
      client.destroy();
      return;
    } catch (error) {
      problem = error;
      await sleep(50);
    }
  }
  throw new Error(`No Redis answers at ${url}. ${howTo}`, { cause: problem });
}
