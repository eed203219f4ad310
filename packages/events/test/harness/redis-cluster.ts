/** A real Redis Cluster: three masters without replicas, in a temporary folder. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "redis";
import { until } from "./world.js";

const slots = [
  [0, 5460],
  [5461, 10_922],
  [10_923, 16_383],
] as const;

interface Node {
  readonly port: number;
  readonly folder: string;
  process: ChildProcess;
}

export interface TestRedisCluster {
  readonly url: string;
  /** How many keys each of the nodes has. */
  sizes(): Promise<number[]>;
  kill(node: number): Promise<void>;
  /** With the data it had. */
  start(node: number): Promise<void>;
  close(): Promise<void>;
}

/** `redis-server` or `valkey-server` has to be on the PATH. */
export async function startRedisCluster(): Promise<TestRedisCluster> {
  const folder = await mkdtemp(join(tmpdir(), "tessera-redis-cluster-"));
  const nodes: Node[] = [];
  for (const _ of slots) {
    const port = await freePort();
    nodes.push({ port, folder: join(folder, String(port)), process: launch(port, join(folder, String(port))) });
  }
  await Promise.all(nodes.map(({ port }, index) => give(port, slots[index] ?? [0, 0])));
  const first = nodes[0]?.port ?? 0;
  for (const { port } of nodes.slice(1)) await ask(first, ["CLUSTER", "MEET", "127.0.0.1", String(port)]);
  for (const { port } of nodes) await until("the cluster stands", () => stands(port));
  const node = (index: number): Node => nodes[index] as Node;
  return {
    url: `redis://127.0.0.1:${first}`,
    sizes: () => Promise.all(nodes.map(async ({ port }) => Number(await ask(port, ["DBSIZE"])))),
    kill: (index) => kill(node(index).process),
    start: async (index) => {
      node(index).process = launch(node(index).port, node(index).folder);
      await until("the cluster stands again", () => stands(node(index).port));
    },
    close: async () => {
      await Promise.all(nodes.map(({ process }) => kill(process)));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function launch(port: number, folder: string): ChildProcess {
  mkdirSync(folder, { recursive: true });
  const place = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""];
  const durable = ["--appendonly", "yes", "--appendfsync", "always"];
  const cluster = ["--cluster-enabled", "yes", "--cluster-node-timeout", "10000"];
  const program = spawnSync("redis-server", ["--version"]).status === 0 ? "redis-server" : "valkey-server";
  const server = spawn(program, [...place, ...durable, ...cluster], { stdio: "ignore" });
  process.once("exit", () => server.kill("SIGKILL"));
  return server;
}

async function kill(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = new Promise((resolve) => server.once("exit", resolve));
  server.kill("SIGKILL");
  await exited;
}

async function give(port: number, [first, last]: readonly [number, number]): Promise<void> {
  const given = (): Promise<boolean> =>
    ask(port, ["CLUSTER", "ADDSLOTSRANGE", String(first), String(last)]).then(
      () => true,
      () => false,
    );
  await until("the node answers", given);
}

async function stands(port: number): Promise<boolean> {
  const facts = await ask(port, ["CLUSTER", "INFO"]).catch(() => "");
  return String(facts).includes("cluster_state:ok") && String(facts).includes("cluster_size:3");
}

async function ask(port: number, command: string[]): Promise<unknown> {
  const client = createClient({ url: `redis://127.0.0.1:${port}`, RESP: 2, socket: { reconnectStrategy: false } });
  client.on("error", () => {});
  await client.connect();
  try {
    return await client.sendCommand(command);
  } finally {
    client.destroy();
  }
}

/** A node also listens at its port plus 10,000; both stay below the ports that outgoing connections get. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 11_000 + Math.floor(Math.random() * 10_000);
    if ((await isFree(port)) && (await isFree(port + 10_000))) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
