/** Starts the all-in-one server the way `npm start` does, on a free port and a data folder of its own. */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const repository = fileURLToPath(new URL("../..", import.meta.url));

/** Resolves when `/ready` says yes; `seconds` is the time that took. */
export async function startServer({ root = repository, dataDir } = {}) {
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), "tessera-bench-")));
  const port = await freePort();
  const began = performance.now();
  const child = spawn(process.execPath, ["scripts/start.mjs", "--port", String(port), "--data", folder], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, LOG_LEVEL: "warn" },
  });
  child.stdout.resume();
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const url = `http://127.0.0.1:${port}`;
  await untilReady(`${url}/ready`, exited);
  const seconds = round((performance.now() - began) / 1_000);
  const stop = async ({ forget = false } = {}) => {
    child.kill("SIGINT");
    await exited;
    if (forget) await rm(folder, { recursive: true, force: true });
  };
  return { url, pid: child.pid, seconds, dataDir: folder, stop };
}

async function untilReady(url, exited) {
  let gone = false;
  exited.then(() => {
    gone = true;
  });
  while (!gone) {
    const response = await fetch(url).catch(() => null);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("The server ended before it was ready.");
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

export function round(value) {
  return Math.round(value * 100) / 100;
}
