/** The server as an operator runs it: a process of its own that can be killed without warning. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export interface ServerProcess {
  readonly url: string;
  /** SIGKILL: nothing gets a chance to clean up. */
  kill(): Promise<void>;
  /** SIGTERM, and wait. Resolves with the exit code. */
  stop(): Promise<number>;
}

export interface ServerPlace {
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly port: number;
}

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Resolves when the server answers `/ready` with yes. */
export async function startServerProcess({ databaseUrl, dataDir, port }: ServerPlace): Promise<ServerProcess> {
  const child = spawn(process.execPath, ["scripts/start.mjs", "--port", String(port), "--data", dataDir], {
    cwd: root,
    env: { ...process.env, DATABASE_URL: databaseUrl, REDIS_URL: "", HOST: "127.0.0.1", LOG_LEVEL: "error" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part: Buffer) => said.push(part.toString()));
  const url = `http://127.0.0.1:${port}`;
  await untilReady(child, `${url}/ready`, said);
  const end = async (signal: NodeJS.Signals): Promise<number> => {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, "exit");
      child.kill(signal);
      await gone;
    }
    return child.exitCode ?? 1;
  };
  return { url, kill: async () => void (await end("SIGKILL")), stop: () => end("SIGTERM") };
}

async function untilReady(child: ChildProcess, url: string, said: readonly string[]): Promise<void> {
  while (child.exitCode === null) {
    const response = await fetch(url).catch(() => null);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`The server ended before it was ready:\n${said.join("")}`);
}
