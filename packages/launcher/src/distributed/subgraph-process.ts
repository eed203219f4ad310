/** Starts one subgraph in a process of its own, and starts it again when it dies. */
import { type ChildProcess, fork } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Log } from "@tessera/telemetry";
import { LaunchProblem } from "../problem.js";
import type { ChildOrders, FromChild, ToChild } from "./orders.js";

// A process of its own runs the build, also when this file runs from its source in a test.
const program = fileURLToPath(new URL("../../dist/distributed/child.js", import.meta.url));
const stopMs = 15_000;
const longestPauseMs = 10_000;
/** Whoever lived that long did not die of what its predecessors died of, and is started again without a long pause. */
const healthyMs = 60_000;

export class SubgraphProcess {
  readonly #log: Log;
  #orders: ChildOrders;
  #child: ChildProcess | undefined;
  #stopping = false;
  #deaths = 0;
  #readyAt = Number.POSITIVE_INFINITY;

  constructor(orders: ChildOrders, log: Log) {
    this.#orders = orders;
    this.#log = log;
  }

  /** @returns the subgraph's address. @throws LaunchProblem with the child's own sentence */
  async start(): Promise<string> {
    // No flags are inherited: a test runner's would make the child look for sources instead of the build.
    const child = fork(program, [], { stdio: ["ignore", "inherit", "inherit", "ipc"], execArgv: [] });
    this.#child = child;
    const answer = new Promise<FromChild>((resolve) => {
      child.once("message", resolve);
      child.once("exit", (code) =>
        resolve({ kind: "failed", sentence: `${this.#orders.name} ended with code ${code}.` }),
      );
    });
    child.send(this.#orders satisfies ToChild);
    const result = await answer;
    if (result.kind === "failed") throw new LaunchProblem(result.sentence);
    child.once("exit", (code, signal) => void this.#revive(code, signal));
    this.#readyAt = performance.now();
    // The router knows this address, so a successor has to come back to it.
    this.#orders = { ...this.#orders, port: result.port };
    return result.url;
  }

  async #revive(code: number | null, signal: NodeJS.Signals | null): Promise<void> {
    if (this.#stopping) return;
    this.#deaths = performance.now() - this.#readyAt > healthyMs ? 1 : this.#deaths + 1;
    this.#readyAt = Number.POSITIVE_INFINITY;
    const pauseMs = Math.min(250 * 2 ** this.#deaths, longestPauseMs);
    this.#log.error({ subgraph: this.#orders.name, code, signal, pauseMs }, "subgraph ended; starting it again");
    await sleep(pauseMs);
    if (this.#stopping) return;
    await this.start().catch((error: unknown) => {
      this.#log.error({ err: error, subgraph: this.#orders.name }, "subgraph did not start");
      return this.#revive(null, null);
    });
  }

  /** Lets running requests finish; a process that does not end in time is killed. */
  async close(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    if (child.connected) child.send({ kind: "stop" } satisfies ToChild);
    const killing = setTimeout(() => child.kill("SIGKILL"), stopMs);
    await ended;
    clearTimeout(killing);
  }
}
