/** Starts child processes from the TypeScript sources, and ends them as a loss of power would. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, type PluginBuild } from "esbuild";
import type { ChildOptions } from "./child.js";

const source = fileURLToPath(new URL("./child.ts", import.meta.url));
// Below the package, so that the child finds the same node_modules; not in dist, which a build empties.
const program = fileURLToPath(new URL(`../../../.tessera/test-child-${process.pid}.mjs`, import.meta.url));

let built: Promise<unknown> | null = null;

/** After the last child of a test file. */
export const removeProgram = (): void => rmSync(program, { force: true });

/** Marks what was asked for by the plug-in itself. */
const asked = {};

/** Files beside a source, such as schemas, are looked for where that source is. */
const sourcesStayWhereTheyAre = {
  name: "sources-stay-where-they-are",
  setup({ onLoad, onResolve, resolve }: PluginBuild) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replace(
        /(?<!")import\.meta\.url/g,
        JSON.stringify(pathToFileURL(path).href),
      ),
      loader: "ts",
    }));
    // Each package has dependencies of its own, which need not be those of this one.
    onResolve({ filter: /^[^./]/ }, async ({ path, pluginData, ...place }) => {
      if (path.startsWith("@tessera/") || path.startsWith("node:") || pluginData === asked) return null;
      const { resolveDir, importer, kind } = place;
      const found = await resolve(path, { resolveDir, importer, kind, pluginData: asked });
      return { path: found.path, external: true };
    });
  },
};

function bundle(): Promise<unknown> {
  built ??= build({
    ...{ entryPoints: [source], outfile: program, bundle: true, platform: "node", format: "esm", target: "node20" },
    ...{ conditions: ["source"], plugins: [sourcesStayWhereTheyAre], logLevel: "silent" },
  });
  return built;
}

export interface Child {
  /** What follows the word on a line of its output, once it is there. */
  said(word: string): Promise<string>;
  kill(): Promise<void>;
}

const patienceMs = 150_000;

export async function startChild(options: ChildOptions, env: NodeJS.ProcessEnv = {}): Promise<Child> {
  await bundle();
  const child = spawn(process.execPath, [program, JSON.stringify(options)], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const said = async (word: string): Promise<string> => {
    for (const end = Date.now() + patienceMs; ; ) {
      const found = new RegExp(`^${word} ?(.*)$`, "m").exec(output);
      if (found) return found[1] ?? "";
      if (Date.now() > end || child.exitCode !== null) throw new Error(`The child never said "${word}":\n${output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  await said("ready");
  return {
    said,
    kill: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}
