import { chown, mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { startTestRedis, type TestRedis } from "@tessera/database/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { freePort } from "../src/ports.js";
import { ask, makeDataFolder, processesAt, type Server, startServer } from "./system/server.js";

const startMs = 120_000;
const nobody = 65_534;
const asRoot = process.getuid?.() === 0;
let data: Awaited<ReturnType<typeof makeDataFolder>>;
let running: Server[];

beforeEach(async () => {
  data = await makeDataFolder();
  running = [];
});
afterEach(async () => {
  for (const { child, ended } of running) {
    child.kill("SIGKILL");
    await ended;
  }
  await data.remove();
});

async function start(options: Parameters<typeof startServer>[0] = {}): Promise<Server> {
  const port = await freePort();
  const args = ["--port", String(port), "--data", data.folder, ...(options.args ?? [])];
  const server = startServer({ ...options, args });
  running.push(server);
  return server;
}

async function untilGone(folder: string): Promise<string[]> {
  for (let tries = 0; tries < 300 && (await processesAt(folder)).length > 0; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return processesAt(folder);
}

describe("all in one process", () => {
  test("a first start answers, a second one keeps the data, Ctrl-C leaves no process", {
    timeout: startMs,
  }, async () => {
    const first = await start();
    const url = await first.ready();
    expect(await ask(url, "{ __typename }")).toEqual({ data: { __typename: "Query" } });
    expect((await fetch(`${url}/ready`)).status).toBe(200);
    first.child.kill("SIGINT");
    expect(await first.ended).toMatchObject({ code: 0 });
    expect(await processesAt(data.folder)).toEqual([]);

    const second = await start();
    await second.ready();
    expect(second.output()).not.toContain("Migrating");
    expect(second.output()).not.toContain("Telling the demo story");
    second.child.kill("SIGTERM");
    expect(await second.ended).toMatchObject({ code: 0 });
    expect(await processesAt(data.folder)).toEqual([]);
  });

  test("for production introspection is off and everybody has limits, unless the configuration says otherwise", {
    timeout: startMs,
  }, async () => {
    const limitAt = async (url: string) => {
      const headers = { "content-type": "application/json" };
      const response = await fetch(`${url}/graphql`, { method: "POST", headers, body: '{"query":"{ __typename }"}' });
      return response.headers.get("x-ratelimit-limit");
    };
    const plain = await start({ args: ["--production"] });
    const url = await plain.ready();
    expect(await limitAt(url)).toBe("100");
    expect(await ask(url, "{ __schema { queryType { name } } }")).toHaveProperty("errors");
    plain.child.kill("SIGINT");
    await plain.ended;

    const file = join(data.folder, "router.yaml");
    await writeFile(file, "rateLimit: false\nintrospection: true\n");
    const configured = await start({ args: ["--production", "--router", file] });
    const other = await configured.ready();
    expect(await limitAt(other)).toBeNull();
    expect(await ask(other, "{ __schema { queryType { name } } }")).toMatchObject({ data: { __schema: {} } });
    configured.child.kill("SIGINT");
    await configured.ended;
  });

  test("Ctrl-C in the middle of a start stops it, and leaves no process", { timeout: startMs }, async () => {
    const server = await start();
    await new Promise<void>((resolve) => server.child.stdout?.once("data", () => resolve()));
    server.child.kill("SIGINT");
    expect(await server.ended).toMatchObject({ code: 0 });
    expect(server.output()).not.toContain("answers at");
    expect(await processesAt(data.folder)).toEqual([]);
  });

  test("when the process is killed, PostgreSQL ends by itself and the next start works", {
    timeout: startMs,
  }, async () => {
    const first = await start();
    await first.ready();
    first.child.kill("SIGKILL");
    await first.ended;
    expect(await untilGone(data.folder)).toEqual([]);
    const second = await start();
    expect(await ask(await second.ready(), "{ __typename }")).toEqual({ data: { __typename: "Query" } });
  });

  // Only root can become somebody else.
  if (asRoot) {
    test("it works for an ordinary user too", { timeout: startMs }, async () => {
      await chown(data.folder, nobody, nobody);
      const server = await start({ uid: nobody });
      expect(await ask(await server.ready(), "{ __typename }")).toEqual({ data: { __typename: "Query" } });
      server.child.kill("SIGINT");
      expect(await server.ended).toMatchObject({ code: 0 });
    });
  }
});

describe("what the person can put right is one sentence, and the exit code is not zero", () => {
  async function refused(options: Parameters<typeof startServer>[0]): Promise<string> {
    const server = await start(options);
    const { code, output } = await server.ended;
    expect(code).toBe(1);
    expect(output).not.toMatch(/^\s+at /m);
    return output.replace(/^\s*Built \d+ packages\n/, "").trim();
  }

  test("a taken port", async () => {
    const port = await freePort();
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, resolve));
    expect(await refused({ args: ["--port", String(port)] })).toMatch(/^Port \d+ is taken by another program: .*$/);
    other.close();
  });

  test("a wrong PORT", async () => {
    const server = startServer({ env: { PORT: "abc" } });
    running.push(server);
    const { code, output } = await server.ended;
    expect(code).toBe(1);
    expect(output).toContain('PORT is "abc", but a port is a whole number from 0 to 65535, such as 4000.');
  });

  test("a configuration of the router that is wrong, at its place, or is not there", { timeout: startMs }, async () => {
    const file = join(data.folder, "router.yaml");
    await writeFile(file, "rateLimit:\n  tiers: {}\n  perUserPerMinut: 5\n");
    expect(await refused({ args: ["--router", file] })).toMatch(
      /router\.yaml:3:3 rateLimit\.perUserPerMinut: there is no such key\. Did you mean "perUserPerMinute"\?$/,
    );
    await writeFile(file, "subgraphs:\n  analitics: { timeoutMs: 500 }\n");
    expect(await refused({ args: ["--router", file] })).toContain('Did you mean "analytics"?');
    expect(await refused({ args: ["--router", join(data.folder, "none.yaml")] })).toMatch(
      /^The router's configuration .*none\.yaml cannot be read \(ENOENT\)\.$/,
    );
  });

  test("an unreachable DATABASE_URL", async () => {
    const output = await refused({ env: { DATABASE_URL: "postgres://somebody:hidden@127.0.0.1:1/tessera" } });
    expect(output).toContain("DATABASE_URL");
    expect(output).not.toContain("hidden");
    expect(output.split("\n")).toHaveLength(1);
  });

  test("a half-initialised data folder", async () => {
    await mkdir(join(data.folder, "postgres/data/base"), { recursive: true });
    expect(await refused({})).toMatch(
      /^The data folder .* holds no usable PostgreSQL data .*delete it to start empty\.$/,
    );
  });

  test("a second start on the same data folder", { timeout: startMs }, async () => {
    const first = await start();
    await first.ready();
    expect(await refused({})).toMatch(/^Another start \(process \d+\) uses this data folder: .*$/);
  });

  // Only root can become somebody else.
  if (asRoot) {
    test("a folder without permission", async () => {
      expect(await refused({ uid: nobody })).toMatch(/^There is no permission for .*$/);
    });
  }

  test("a damaged secret", async () => {
    await writeFile(join(data.folder, "secret"), "short");
    expect(await refused({})).toContain("is damaged");
  });
});

describe("one process per subgraph, over Redis", () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startTestRedis();
  }, startMs);
  afterAll(() => redis.close());

  const distributed = () => start({ args: ["--distributed"], env: { REDIS_URL: redis.url } });

  test("every subgraph has a process of its own, and all end with the launcher", { timeout: startMs }, async () => {
    const server = await distributed();
    expect(await ask(await server.ready(), "{ __typename }")).toEqual({ data: { __typename: "Query" } });
    expect((await childrenOf(server)).length).toBeGreaterThan(0);
    server.child.kill("SIGINT");
    expect(await server.ended).toMatchObject({ code: 0 });
    expect(await childrenOf(server)).toEqual([]);
  });

  test("when the launcher is killed, the subgraphs' processes end by themselves", { timeout: startMs }, async () => {
    const server = await distributed();
    await server.ready();
    const children = await childrenOf(server);
    server.child.kill("SIGKILL");
    await server.ended;
    await expect.poll(() => children.filter(isAlive), { timeout: 60_000 }).toEqual([]);
    expect(await untilGone(data.folder)).toEqual([]);
  });

  test("a subgraph that dies is started again", { timeout: startMs }, async () => {
    const server = await distributed();
    const url = await server.ready();
    const [victim = 0, ...others] = await childrenOf(server);
    process.kill(victim, "SIGKILL");
    const living = async () => (await childrenOf(server)).filter((pid) => pid !== victim).length;
    await expect.poll(living, { timeout: 60_000 }).toBe(others.length + 1);
    expect(await ask(url, "{ __typename }")).toEqual({ data: { __typename: "Query" } });
  });

  test("without Redis it says how to provide one", async () => {
    const server = await start({ args: ["--distributed"], env: { PATH: "/nowhere" } });
    const { code, output } = await server.ended;
    expect(code).toBe(1);
    expect(output).toContain("set REDIS_URL, or install redis-server or valkey-server");
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Process ids of the subgraphs this launcher has forked. */
async function childrenOf({ child }: Server): Promise<number[]> {
  const { readFile, readdir } = await import("node:fs/promises");
  const ids = (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry)).map(Number);
  const facts = await Promise.all(
    ids.map(async (pid) => {
      const [stat, line] = await Promise.all(
        ["stat", "cmdline"].map((file) => readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "")),
      );
      const parent = Number(stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      return { pid, ours: parent === child.pid && (line ?? "").includes("child.js") };
    }),
  );
  return facts.filter(({ ours }) => ours).map(({ pid }) => pid);
}
