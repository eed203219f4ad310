import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { compose } from "../../src/index.js";
import { type RemoteSubgraph, serveWorld } from "../world/remote.js";
import type { Call } from "../world/resolvers.js";
import { sources } from "../world/world.js";
import { buildAndRun, runToEnd, startRouterProcess } from "./router-process.js";

let folder: string;
// Processes that start have to share the machine with others.
vi.setConfig({ testTimeout: 120_000 });

const calls: Call[] = [];
let subgraphs: RemoteSubgraph[];
let supergraph: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "router-cli-"));
  subgraphs = await serveWorld(calls);
  supergraph = put("supergraph.graphql", composed());
  expect(await buildAndRun(["--help"])).toMatchObject({ code: 0, out: expect.stringContaining("npm run router") });
}, 180_000);

afterAll(async () => {
  await Promise.all(subgraphs.map((subgraph) => subgraph.close()));
  rmSync(folder, { recursive: true, force: true });
});

function put(name: string, content: string): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

const urlOf = (name: string) => subgraphs.find((one) => one.name === name)?.url ?? "";

function composed(url = urlOf, of: Partial<typeof sources> = sources): string {
  const named = Object.entries(of).map(([name, sdl]) => ({ name, sdl, file: `${name}.graphql`, url: url(name) }));
  return compose(named).supergraphSdl;
}

async function ask(url: string, query: string): Promise<{ data?: unknown; errors?: unknown[] }> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query }),
  });
  return (await response.json()) as { data?: unknown; errors?: unknown[] };
}

describe("a supergraph file is all that is needed", () => {
  test("queries are answered from the addresses in the supergraph, and SIGTERM ends with 0", async () => {
    const router = await startRouterProcess(["--supergraph", supergraph]);
    expect(await ask(router.url, "{ people { name } }")).toMatchObject({ data: { people: expect.any(Array) } });
    for (const path of ["/health", "/ready"]) expect((await fetch(router.url + path)).status).toBe(200);
    router.signal("SIGTERM");
    expect((await router.ended()).code).toBe(0);
  });

  test("introspection is refused by default, and answered with --dev", async () => {
    const schema = "{ __schema { queryType { name } } }";
    const closed = await startRouterProcess(["--supergraph", supergraph]);
    const open = await startRouterProcess(["--supergraph", supergraph, "--dev"]);
    expect((await ask(closed.url, schema)).errors).not.toBeUndefined();
    expect((await ask(open.url, schema)).errors).toBeUndefined();
    for (const router of [closed, open]) router.signal("SIGINT");
    expect([await closed.ended(), await open.ended()].map(({ code }) => code)).toEqual([0, 0]);
  });

  test("a running request is answered before the process ends", async () => {
    const router = await startRouterProcess(["--supergraph", supergraph]);
    const answer = ask(router.url, "{ wait(ms: 400) }");
    await expect.poll(() => calls.some(({ request }) => request.query.includes("wait"))).toBe(true);
    router.signal("SIGTERM");
    expect(await answer).toEqual({ data: { wait: 400 } });
    expect((await router.ended()).code).toBe(0);
  });
});

describe("a configuration", () => {
  test("names the supergraph, and where a subgraph really is", async () => {
    put(
      "moved.graphql",
      composed(() => "http://127.0.0.1:9/graphql"),
    );
    const urls = subgraphs.map(({ name, url }) => `  ${name}: { url: '\${env.${name.toUpperCase()}_URL:-${url}}' }`);
    const config = put("router.yaml", `supergraph: { file: moved.graphql }\nsubgraphs:\n${urls.join("\n")}\n`);
    const router = await startRouterProcess(["--config", config]);
    expect(await ask(router.url, "{ people { name } }")).toMatchObject({ data: { people: expect.any(Array) } });
    router.signal("SIGTERM");
    expect((await router.ended()).code).toBe(0);
  });

  test("is checked together with its supergraph without anything being started", async () => {
    const good = put(
      "good.yaml",
      "supergraph: { file: supergraph.graphql }\nsubgraphs: { people: { timeoutMs: 5 } }\n",
    );
    expect(await runToEnd(["--config", good, "--check"])).toEqual({
      code: 0,
      out: `${good} is valid.\n${supergraph} is a supergraph of 3 subgraphs: feed, people, sites.\n`,
      error: "",
    });
    const bad = put("bad.yaml", "server:\n  prot: 1\nlimits:\n  depth: x\n");
    const refused = await runToEnd(["--config", bad, "--check"]);
    expect(refused.code).toBe(3);
    expect(refused.error.trim().split("\n")).toEqual([
      `${bad}:2:3 server.prot: there is no such key. Did you mean "port"?`,
      `${bad}:4:10 limits.depth: expected a whole number, found text.`,
    ]);
  });

  test("that names a subgraph the supergraph does not have is refused", async () => {
    const config = put("unknown.yaml", "supergraph: { file: supergraph.graphql }\nsubgraphs:\n  poeple: {}\n");
    const { code, error } = await runToEnd(["--config", config, "--check"]);
    expect([code, error]).toEqual([
      3,
      `${config}:3:3 subgraphs.poeple: the supergraph has no such subgraph. Did you mean "people"?\n`,
    ]);
  });
});

describe("while it runs", () => {
  test("a changed supergraph is taken over, a bad one is reported and the one before goes on", async () => {
    const file = put("changing.graphql", composed());
    const router = await startRouterProcess(["--supergraph", file]);
    const latest = "{ latest { __typename } }";
    expect((await ask(router.url, latest)).errors).toBeUndefined();
    put("changing.graphql", "type Query {");
    await router.until("Not reloaded");
    expect(router.said()).toContain("changing.graphql:1:13 is not GraphQL");
    expect((await ask(router.url, latest)).errors).toBeUndefined();
    const { feed: _, ...others } = sources;
    put("changing.graphql", composed(undefined, others));
    await router.until('"msg":"Reloaded."');
    expect((await ask(router.url, latest)).errors).not.toBeUndefined();
    router.signal("SIGHUP");
    await router.until("Reloaded");
    router.signal("SIGTERM");
    expect((await router.ended()).code).toBe(0);
  });

  test("a changed configuration is taken over, and parts that need a restart are named", async () => {
    const config = put(
      "moving.yaml",
      "supergraph: { file: supergraph.graphql }\nsubgraphs: { people: { url: 'http://127.0.0.1:9' } }\n",
    );
    const router = await startRouterProcess(["--config", config]);
    expect((await ask(router.url, "{ people { name } }")).errors).toHaveLength(1);
    put("moving.yaml", "supergraph: { file: supergraph.graphql }\nlimits: { aliases: 1 }\nserver: { path: /other }\n");
    await router.until("Reloaded");
    expect(router.said()).toContain('"sections":["server.path"]');
    expect((await ask(router.url, "{ people { name } }")).errors).toBeUndefined();
    expect(await ask(router.url, "{ people { a: name b: name } }")).toMatchObject({
      errors: [{ extensions: { code: "ALIASES_EXCEEDED" } }],
    });
    router.signal("SIGTERM");
    expect((await router.ended()).code).toBe(0);
  });
});

describe("what cannot be served is named for what it is", () => {
  test.each<[string, string, string]>([
    ["the schema of one subgraph", sources.people, "is the schema of one subgraph, not a supergraph. Compose"],
    [
      "a subgraph of Federation 1",
      'type User @key(fields: "id") { id: ID! }',
      "is the schema of one subgraph of Federation 1",
    ],
    ["a plain schema", "type Query { a: Int }", "is a plain schema without subgraphs"],
    [
      "a supergraph of Federation 1",
      'schema @core(feature: "https://specs.apollo.dev/core/v0.1") @core(feature: "https://specs.apollo.dev/join/v0.1") { query: Query } type Query { a: Int }',
      "is a supergraph of Federation 1. Compose its subgraphs with Federation 2",
    ],
    ["operations", "query A { a }", "holds operations, not a supergraph"],
    ["JSON", '{ "data": {} }', "is JSON"],
    ["an empty file", "\n", "is empty"],
    ["broken text", "type Query {\n  a: \n}", ":3:1 is not GraphQL: Syntax Error"],
  ])("%s", async (_what, content, sentence) => {
    const file = put("other.graphql", content);
    const { code, out, error } = await runToEnd(["--supergraph", file]);
    expect([code, out]).toEqual([3, ""]);
    expect(error).toContain(`${file}${sentence.startsWith(":") ? "" : " "}${sentence}`);
  });

  test("a missing file, and a folder", async () => {
    expect(await runToEnd(["--supergraph", join(folder, "no.graphql")])).toMatchObject({
      code: 3,
      error: `${join(folder, "no.graphql")} does not exist. (--supergraph)\n`,
    });
    expect((await runToEnd(["--supergraph", supergraph, "--config", folder])).error).toContain("is a folder");
  });

  test("a taken port", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as { port: number };
    const { code, error } = await runToEnd(["--supergraph", supergraph, "--host", "127.0.0.1", "--port", `${port}`]);
    expect([code, error]).toEqual([
      4,
      `Port ${port} is taken: stop what listens there, or choose another with --port.\n`,
    ]);
    taken.close();
  });
});

describe("the command line", () => {
  test("--help explains every option and --print-schema prints JSON", async () => {
    const help = await runToEnd(["--help"]);
    for (const option of ["supergraph", "config", "port", "host", "dev", "check", "print-schema"])
      expect(help.out).toMatch(new RegExp(`^ {2}--${option} `, "m"));
    const schema = await runToEnd(["--print-schema"]);
    expect(Object.keys(JSON.parse(schema.out).properties)).toContain("supergraph");
    expect([help.code, schema.code]).toEqual([0, 0]);
  });

  test.each([
    [["--supergrph", "a"], 'There is no option "--supergrph". Did you mean --supergraph?'],
    [["--supergraph"], "--supergraph needs a value after it."],
    [["--dev=1"], "--dev takes no value."],
    [["--port", "http"], '--port is "http", but a port is a whole number'],
    [[], "Say which supergraph to serve: --supergraph FILE."],
  ])("%j is refused with 2 and a sentence", async (args, sentence) => {
    const { code, error } = await runToEnd(args);
    expect(code).toBe(2);
    expect(error).toContain(sentence);
  });
});
