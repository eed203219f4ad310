/** Runs a piece of JavaScript the way a reader would: as a module of its own process, with the packages of this one. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("..", import.meta.url));

/** Resolves with the exit code, `null` when it took too long, and everything it printed. */
export function runScript(
  text: string,
  variables: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", text], {
    cwd: folder,
    // Options of a test runner are not the reader's.
    env: { ...process.env, NODE_OPTIONS: "", ...variables },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 60_000,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part: Buffer) => (output += part.toString()));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, output })));
}
