/** Starts real child processes from the TypeScript sources of a test. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

export interface Child {
  /** Everything it printed so far. */
  output(): string;
  printed(text: string): Promise<void>;
  /** As if the machine had lost power. */
  kill(): Promise<void>;
  /** Resolves when it has died by itself. */
  died(): Promise<void>;
  stop(): Promise<void>;
}

export interface ChildProgram<Options> {
  /** Resolves when the child has printed `ready`. It gets the options as JSON in its first argument. */
  start(options: Options): Promise<Child>;
  /** After the last child of a test file. */
  remove(): void;
}

/** `source` is a TypeScript file in `test/harness` of a package. */
export function childProgram<Options>(source: URL): ChildProgram<Options> {
  // Below the package, so that the child finds the same node_modules; not in dist, which a build empties.
  const program = fileURLToPath(new URL(`../../.tessera/test-child-${process.pid}.mjs`, source));
  let built: Promise<unknown> | null = null;
  return {
    start: async (options) => {
      built ??= bundle(fileURLToPath(source), program);
      await built;
      return startChild(program, JSON.stringify(options));
    },
    remove: () => rmSync(program, { force: true }),
  };
}

async function bundle(source: string, program: string): Promise<unknown> {
  // Loaded by those tests alone that start children.
  const { build } = await import("esbuild");
  return build({
    entryPoints: [source],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    conditions: ["source"],
    plugins: [
      {
        name: "own-sources-only",
        setup: ({ onResolve }) =>
          onResolve({ filter: /^[^./]/ }, ({ path }) =>
            path.startsWith("@tessera/") ? null : { path, external: true },
          ),
      },
    ],
    logLevel: "silent",
  });
}

async function startChild(program: string, options: string): Promise<Child> {
  const child = spawn(process.execPath, [program, options], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk) => {
    output += chunk;
  });
  const printed = async (text: string): Promise<void> => {
    const end = Date.now() + 60_000;
    while (!output.includes(text)) {
      if (Date.now() > end || child.exitCode !== null) throw new Error(`The child never printed "${text}":\n${output}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  await printed("ready");
  return {
    output: () => output,
    printed,
    kill: () => end(child, "SIGKILL"),
    died: () => died(child),
    stop: () => end(child, "SIGTERM"),
  };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, "exit");
}

async function died(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}
