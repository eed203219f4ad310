/** Child processes on the core they belong to. The gateway has one for itself; subgraphs and load share the other. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";

const canPin = (() => {
  try {
    execFileSync("taskset", ["-p", String(process.pid)], { stdio: "ignore" });
    return availableParallelism() > 1;
  } catch {
    return false;
  }
})();

export const cores = { gateway: 1, others: 0, pinned: canPin };

/** Pins this process, so that it does not wander onto the gateway's core either. */
export function stayOffTheGatewaysCore() {
  if (canPin) execFileSync("taskset", ["-cp", String(cores.others), String(process.pid)], { stdio: "ignore" });
}

/** @returns `{ pid, send, next, onMessage, stop, exited, output }`; `next(matches)` is the next message that matches. */
export function startChild(args, { core, cwd, env = {}, ipc = false }) {
  const command = canPin ? ["taskset", "-c", String(core), process.execPath] : [process.execPath];
  const child = spawn(command[0], [...command.slice(1), ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe", ...(ipc ? ["ipc"] : [])],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output = (output + chunk).slice(-4_000);
    });
  }
  const exited = once(child, "exit");
  return {
    pid: child.pid,
    exited,
    output: () => output.trim(),
    isRunning: () => child.exitCode === null && child.signalCode === null,
    send: (message) => child.send(message),
    next: (matches) => nextMessage(child, matches),
    onMessage: (hear) => child.on("message", hear),
    async stop() {
      child.kill("SIGTERM");
      const hard = setTimeout(() => child.kill("SIGKILL"), 3_000);
      await exited;
      clearTimeout(hard);
    },
  };
}

function nextMessage(child, matches) {
  return new Promise((resolve, reject) => {
    const onExit = () => reject(new Error("A process of the benchmark ended before it answered."));
    const onMessage = (message) => {
      if (!matches(message)) return;
      child.off("message", onMessage).off("exit", onExit);
      resolve(message);
    };
    child.on("message", onMessage).once("exit", onExit);
  });
}
