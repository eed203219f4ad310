/** Starts the real command in a process of its own, the way a person does, and watches what it says. */
import { type ChildProcess, spawn } from "node:child_process";
import { chmod, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const repository = fileURLToPath(new URL("../../../..", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

export interface Server {
  readonly child: ChildProcess;
  /** Everything it printed so far. */
  output(): string;
  /** Resolves with the address when the greeting is printed; rejects with the output when the process ends before. */
  ready(): Promise<string>;
  ended: Promise<Ended>;
}

interface StartOptions {
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly uid?: number;
}

/** Settings of the machine the tests run on must not decide what they see. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const {
    PORT: _port,
    HOST: _host,
    DATABASE_URL: _database,
    REDIS_URL: _redis,
    NODE_ENV: _mode,
    ...rest
  } = process.env;
  return { ...rest, LOG_LEVEL: "error", TESSERA_SUBGRAPH_PORTS: "any" };
}

export function startServer({ args = [], env = {}, uid }: StartOptions): Server {
  const child = spawn(process.execPath, [join(repository, "scripts/start.mjs"), ...args], {
    cwd: repository,
    env: { ...cleanEnvironment(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part: Buffer) => (text += part.toString()));
  const ended = new Promise<Ended>((resolve) => child.once("close", (code) => resolve({ code, output: text })));
  const address = () => /answers at (http:\S+)\/graphql/.exec(text)?.[1];
  const ready = () =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const found = address();
        if (found) resolve(found);
      };
      child.stdout.on("data", look);
      void ended.then(() => reject(new Error(text)));
      look();
    });
  return { child, output: () => text, ready, ended };
}

/** A data folder with a space in its name that any user may enter. */
export async function makeDataFolder(): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "tessera start "));
  await chmod(folder, 0o755);
  return { folder, remove: () => rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 300 }) };
}

/** Command lines of processes that name this folder. */
export async function processesAt(folder: string): Promise<string[]> {
  const ids = (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry));
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "")));
  return lines.filter((line) => line.includes(folder)).map((line) => line.replaceAll("\0", " "));
}

export async function ask(url: string, query: string): Promise<unknown> {
  const body = JSON.stringify({ query });
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  return response.json();
}
