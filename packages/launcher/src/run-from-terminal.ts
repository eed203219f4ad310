/** `npm start`: settings from the command line, progress and greeting on the terminal, signals stop everything. */
import { setTimeout as sleep } from "node:timers/promises";
import { Closers } from "./closers.js";
import { greeting } from "./greeting.js";
import { launch } from "./launch.js";
import { describeFailure } from "./problem.js";
import { type LaunchOptions, readSettings } from "./settings.js";

export interface TerminalStart {
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly root: string;
  /** When the person pressed enter, in epoch milliseconds. */
  readonly since: number;
  /** Takes what is to be done at every signal to stop. */
  readonly onSignal: (stop: () => void) => void;
}

const settleMs = 3_000;

/** Runs until a signal; the process ends with 0 after one, 130 after a second one, 1 when the start failed. */
export async function runFromTerminal(start: TerminalStart): Promise<void> {
  const closers = new Closers();
  const starting = begin(start, closers);
  const askedToStop = stopOnSignals(start, closers, starting);
  try {
    await starting;
  } catch (error) {
    // A start that is stopped half-way fails somewhere, and that is no news.
    if (askedToStop()) return;
    console.error(`\n${describeFailure(error)}`);
    process.exit(1);
  }
}

async function begin({ args, env, root, since }: TerminalStart, closers: Closers): Promise<void> {
  const options = readSettings(args, env, root);
  // Between the lines of a start at a terminal, only warnings are worth reading.
  if (process.stdout.isTTY) process.env.LOG_LEVEL ??= "warn";
  const running = await launch({ ...options, onProgress: progressLine(since) }, closers);
  console.log(
    greeting(running.url, { seconds: secondsSince(since), demo: options.demo ?? true, explorer: explores(options) }),
  );
}

const explores = ({ development = true }: LaunchOptions): boolean => development;

const secondsSince = (since: number): string => ((Date.now() - since) / 1000).toFixed(1);

function progressLine(since: number): (line: string) => void {
  return (line) => console.log(`  ${secondsSince(since).padStart(5)} s  ${line}`);
}

/** @returns whether a signal has come */
function stopOnSignals({ onSignal }: TerminalStart, closers: Closers, starting: Promise<void>): () => boolean {
  let asked = 0;
  const stop = async () => {
    asked += 1;
    if (asked > 1) process.exit(130);
    console.log("\nStopping. Ctrl-C again stops at once.");
    const failed = await closers.close().then(
      () => false,
      (error: unknown) => {
        console.error(describeFailure(error));
        return true;
      },
    );
    // A step that was in the middle of something may wait for an answer that does not come any more.
    await Promise.race([starting.catch(() => {}), sleep(settleMs)]);
    process.exit(failed ? 1 : 0);
  };
  onSignal(() => void stop());
  return () => asked > 0;
}
