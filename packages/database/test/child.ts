import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const outfile = fileURLToPath(new URL("../dist/test/holds-database.mjs", import.meta.url));

/** Another process that has opened the database in `dataDir`; `pid` is its PostgreSQL. */
export async function otherProcess(dataDir: string): Promise<{ child: ChildProcess; pid: number }> {
  await build({
    entryPoints: [fileURLToPath(new URL("holds-database.ts", import.meta.url))],
    outfile,
    bundle: true,
    packages: "external",
    format: "esm",
    platform: "node",
    logLevel: "error",
  });
  const child = fork(outfile, [dataDir], { execArgv: [] });
  const [message] = (await once(child, "message")) as [{ pid?: number; error?: string }];
  if (message.pid === undefined) throw new Error(message.error);
  return { child, pid: message.pid };
}
