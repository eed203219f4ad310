/** PostgreSQL with its durable defaults and Redis with an append-only file, for every subject the same. */
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { openDatabase } from "@tessera/database";

export async function setStage() {
  const folder = await mkdtemp(join(tmpdir(), "tessera-events-"));
  const database = await openDatabase({ dataDir: join(folder, "postgres"), poolSize: 1 });
  const redis = await startRedis(folder);
  const [{ pid }] = await database.admin`select pg_backend_pid() as pid`;
  let made = 0;
  return {
    hasRedis: redis !== null,
    /** What a subject is to use: a database of its own, and a Redis that holds nothing. */
    settings: async () => {
      const name = `bench_${++made}`;
      await database.admin.unsafe(`create database ${name}`);
      if (redis) spawnSync(redis.client, ["-p", String(redis.port), "flushall"]);
      return {
        databaseUrl: database.url.replace(/^(postgres(?:ql)?:\/\/[^/]*\/)[^?]*/, `$1${name}`),
        redisUrl: redis ? `redis://127.0.0.1:${redis.port}` : undefined,
        serverPid: parentOf(pid),
      };
    },
    strike: async () => {
      await redis?.stop();
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function parentOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

/** `null` when there is none on the PATH. */
async function startRedis(folder) {
  const [program, client] = [
    ["redis-server", "redis-cli"],
    ["valkey-server", "valkey-cli"],
  ].find(([name]) => spawnSync(name, ["--version"]).status === 0) ?? [null];
  if (!program) return null;
  const port = await freePort();
  const settings = { port, bind: "127.0.0.1", dir: folder, save: "", appendonly: "yes", appendfsync: "everysec" };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const server = spawn(program, [...args, "--maxmemory-policy", "noeviction"], { stdio: "ignore" });
  process.once("exit", () => server.kill("SIGKILL"));
  while (spawnSync(client, ["-p", String(port), "ping"]).status !== 0) await pause(50);
  const stop = async () => {
    const gone = new Promise((resolve) => server.once("exit", resolve));
    server.kill("SIGKILL");
    await gone;
  };
  return { port, client, stop };
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
