/** The router as an operator starts it: a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

export interface RouterProcess {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** Everything it has printed so far. */
  said(): string;
  signal(name: NodeJS.Signals): void;
  /** Waits until `text` has been printed. */
  until(text: string): Promise<void>;
  ended(): Promise<Ended>;
}

const built = "router/dist/cli/main.js";

function start(script: string, args: readonly string[], environment: Record<string, string>): ChildProcess {
  const { PORT: _port, HOST: _host, ...inherited } = process.env;
  const env = { ...inherited, LOG_LEVEL: "info", ...environment };
  return spawn(process.execPath, [script, ...args], {
    cwd: root,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** What `npm run router` does: builds what is stale first. */
export function buildAndRun(args: readonly string[]): Promise<Ended> {
  return listen(start("scripts/router.mjs", args, {})).ended();
}

/** Runs to its end. */
export async function runToEnd(args: readonly string[], environment: Record<string, string> = {}): Promise<Ended> {
  return listen(start(built, args, environment)).ended();
}

/** Resolves once it says where it listens. */
export async function startRouterProcess(
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<RouterProcess> {
  const child = start(built, ["--port", "0", "--host", "127.0.0.1", ...args], environment);
  const heard = listen(child);
  await heard.until("listens on");
  const [, url = ""] = /listens on (http:\S+)\/graphql/.exec(heard.said()) ?? [];
  return { ...heard, url, signal: (name) => void child.kill(name) };
}

function listen(child: ChildProcess): Pick<RouterProcess, "said" | "until" | "ended"> {
  const parts = { out: "", error: "" };
  child.stdout?.on("data", (part: Buffer) => (parts.out += part));
  child.stderr?.on("data", (part: Buffer) => (parts.error += part));
  const closed = once(child, "close");
  const said = () => parts.out + parts.error;
  return {
    said,
    async until(text) {
      while (!said().includes(text)) {
        if (child.exitCode !== null) throw new Error(`It ended before it said "${text}":\n${said()}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    async ended() {
      await closed;
      return { code: child.exitCode, ...parts };
    },
  };
}
