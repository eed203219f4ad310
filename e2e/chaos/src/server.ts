/** One server of the installation: a process that is started again whenever it dies, until it is stopped for good. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdirSync, type WriteStream } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { childrenOf, signal } from "./processes.js";

export interface ServerOrders {
  readonly name: string;
  readonly topology: "single" | "distributed";
  /** Holds supergraph.yaml. */
  readonly root: string;
  readonly databaseUrl: string;
  readonly redisUrl: string | undefined;
  readonly kafkaBrokers: string | undefined;
  readonly port: number;
  /** Hexadecimal. */
  readonly secret: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Logs and the cached supergraph. */
  readonly folder: string;
  /** e2e/chaos/server.mjs */
  readonly program: string;
}

const reviveMs = 250;

export class Server {
  readonly #orders: ServerOrders;
  readonly #log: WriteStream;
  #child: ChildProcess | null = null;
  #stopping = false;
  #living: Promise<void> = Promise.resolve();
  /** How often it was started. */
  starts = 0;

  constructor(orders: ServerOrders) {
    this.#orders = orders;
    mkdirSync(orders.folder, { recursive: true });
    this.#log = createWriteStream(join(orders.folder, `${orders.name}.log`), { flags: "a" });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#orders.port}`;
  }

  get name(): string {
    return this.#orders.name;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Processes of its subgraphs; none when they live in the server's own. */
  get subgraphPids(): number[] {
    return this.#orders.topology === "distributed" && this.pid ? childrenOf(this.pid) : [];
  }

  /** Resolves when it answers for the first time. */
  async start(): Promise<void> {
    this.#living = this.#live();
    await this.ready(300_000);
  }

  /** @throws when it does not answer within the time */
  async ready(milliseconds: number): Promise<void> {
    const end = Date.now() + milliseconds;
    while (Date.now() < end) {
      const response = await fetch(`${this.url}/ready`, { signal: AbortSignal.timeout(5_000) }).catch(() => null);
      if (response?.ok) return;
      await sleep(100);
    }
    throw new Error(`${this.name} does not answer at ${this.url}/ready; its log is in ${this.#orders.folder}.`);
  }

  kill(): void {
    if (this.pid) signal(this.pid, "SIGKILL");
  }

  /** SIGTERM and wait; one that does not end is killed. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.pid) signal(this.pid, "SIGTERM");
    const late = setTimeout(() => this.kill(), 20_000);
    await this.#living;
    clearTimeout(late);
    this.#log.end();
  }

  async #live(): Promise<void> {
    while (!this.#stopping) {
      const child = this.#spawn();
      this.#child = child;
      const [code, by] = (await once(child, "exit")) as [number | null, string | null];
      this.#child = null;
      this.#log.write(`${new Date().toISOString()} ${this.name} ended: ${by ?? `code ${code}`}\n`);
      if (!this.#stopping) await sleep(reviveMs);
    }
  }

  #spawn(): ChildProcess {
    const { name, variables, folder, program, ...launch } = this.#orders;
    const orders = { ...launch, subgraphPorts: "any", host: "127.0.0.1", dataDir: join(folder, name) };
    this.starts += 1;
    const child = spawn(process.execPath, [program], {
      // The pipe tells it when this program is gone.
      stdio: ["pipe", "pipe", "pipe"],
      // Options of a test runner are not the server's.
      env: {
        ...process.env,
        REDIS_URL: "",
        NODE_OPTIONS: "",
        LOG_LEVEL: "warn",
        ...variables,
        CHAOS_SERVER: JSON.stringify(orders),
      },
    });
    child.stdin?.on("error", () => {});
    child.stdout?.pipe(this.#log, { end: false });
    child.stderr?.pipe(this.#log, { end: false });
    return child;
  }
}
