/** Commands that `npm test` runs: quiet while they succeed, their whole output when they fail. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { root } from "../workspace.mjs";

const running = new Set();
const environment = {
  ...process.env,
  TURBO_TELEMETRY_DISABLED: "1",
  DO_NOT_TRACK: "1",
  FORCE_COLOR: "0",
  NO_COLOR: "1",
  NO_UPDATE_NOTIFIER: "1",
  PATH: `${join(root, "node_modules", ".bin")}:${process.env.PATH}`,
};

/** @returns `{ code, output }`; `show` passes the output on while it comes. */
export function run(command, args, { show = false, env = {} } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...environment, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    running.add(child);
    const parts = [];
    const collect = (stream, target) => stream.on("data", (part) => (show ? target.write(part) : parts.push(part)));
    collect(child.stdout, process.stdout);
    collect(child.stderr, process.stderr);
    child.once("error", (error) => parts.push(Buffer.from(error.message)));
    child.once("close", (code) => {
      running.delete(child);
      resolve({ code: code ?? 1, output: Buffer.concat(parts).toString() });
    });
  });
}

export function stopRunning() {
  for (const child of running) child.kill("SIGTERM");
}

const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/** Runs one named check and says how it went. @returns true when it passed */
export async function step(name, command, args) {
  const since = performance.now();
  const { code, output } = await run(command, args);
  console.log(`${code === 0 ? "ok  " : "FAIL"}  ${name} (${seconds(since)})`);
  if (code !== 0) console.log(output.trimEnd());
  return code === 0;
}
