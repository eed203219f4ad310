/** A Redis of our own for a distributed start without REDIS_URL: private to this machine and user, gone with this process. */

import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { access, mkdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./ports.js";
import { LaunchProblem } from "./problem.js";

export interface PrivateRedis {
  readonly url: string;
  close(): Promise<void>;
}

const programs = ["redis-server", "valkey-server"];

async function findProgram(): Promise<string> {
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  for (const path of folders.flatMap((folder) => programs.map((program) => join(folder, program)))) {
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  throw new LaunchProblem(
    "One process per subgraph needs Redis for its events: set REDIS_URL, or install redis-server or valkey-server on the PATH.",
  );
}

/** Runs until its standard input closes, which happens when this process ends, however it ends. */
const guard = '"$@" & pid=$!; read -r _; kill "$pid"; wait "$pid"';

/** Events of a restart must still be there, so Redis keeps an append-only file in `folder`. */
export async function startPrivateRedis(folder: string): Promise<PrivateRedis> {
  const program = await findProgram();
  await mkdir(folder, { recursive: true });
  const port = await freePort();
  const password = randomBytes(24).toString("hex");
  const config = join(folder, "redis.conf");
  await writeFile(config, configText(folder, port, password), { mode: 0o600 });
  // Detached: Ctrl-C in the terminal is for us, and Redis stops last.
  const child = spawn("/bin/sh", ["-c", guard, "redis", program, config], {
    stdio: ["pipe", "pipe", "ignore"],
    detached: true,
  });
  await untilReady(child, folder);
  return { url: `redis://:${password}@127.0.0.1:${port}`, close: () => stop(child) };
}

function configText(folder: string, port: number, password: string): string {
  const lines = [
    `port ${port}`,
    "bind 127.0.0.1",
    `requirepass ${password}`,
    `dir "${folder}"`,
    "appendonly yes",
    'save ""',
  ];
  return `${lines.join("\n")}\n`;
}

async function untilReady(child: ChildProcess, folder: string): Promise<void> {
  let ready = false;
  child.stdout?.on("data", (text: Buffer) => {
    ready ||= /Ready to accept connections/i.test(text.toString());
  });
  for (let waited = 0; !ready && waited < 10_000 && child.exitCode === null; waited += 20) await sleep(20);
  if (ready) return;
  child.stdin?.end();
  throw new LaunchProblem(
    `Redis did not start in ${folder}: delete that folder, or set REDIS_URL to a Redis of yours.`,
  );
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.stdin?.end();
  await ended;
}
