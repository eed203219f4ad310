import { writeFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SubgraphRequest } from "@tessera/shared-types";
import { createTelemetry, type Log } from "@tessera/telemetry";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { openRouterFile, type RouterFile } from "../../src/config/open-router-file.js";
import { createFingerprint } from "../../src/reload/fingerprint.js";

let folder: string;
let subgraph: Server;
let url: string;
const received: IncomingHttpHeaders[] = [];
/** Milliseconds until the subgraph answers. */
let delay = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "router-file-"));
  subgraph = createServer((request, response) => {
    received.push(request.headers);
    response.setHeader("set-cookie", "session=1");
    setTimeout(() => response.setHeader("content-type", "application/json").end('{"data":{"a":1}}'), delay);
  });
  await new Promise<void>((resolve) => subgraph.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(subgraph.address() as AddressInfo).port}/graphql`;
});
afterEach(() => {
  received.length = 0;
  delay = 0;
});
afterAll(async () => {
  subgraph.close();
  await rm(folder, { recursive: true });
});

async function open(text: string) {
  const file = join(folder, "router.yaml");
  await writeFile(file, text);
  const opened = await openRouterFile(file, {});
  onTestFinished(() => opened.close());
  return opened;
}

async function ask(text: string) {
  const connection = (await open(text)).connect("items", url);
  onTestFinished(() => connection.close());
  const facts = { requestId: "r1", actor: null, token: "t", deadline: Date.now() + 10_000, signal: noSignal };
  return connection.execute({ query: "{ a }", facts } satisfies SubgraphRequest);
}
const noSignal = new AbortController().signal;

test("a connection tells our subgraphs what they expect, and what the file adds, and brings each cookie once", async () => {
  const added = `headers:
  request: [{ insert: { name: x-region, value: north } }, { insert: { name: authorization, value: forged } }]
  response: [{ propagate: { named: Set-Cookie } }]`;
  for (const text of ["{}", added]) {
    const { data, setCookie } = await ask(text);
    expect([data, setCookie]).toEqual([{ a: 1 }, ["session=1"]]);
  }
  expect(received.map(({ authorization }) => authorization)).toEqual(["Bearer t", "Bearer t"]);
  expect(received.map((headers) => headers["x-region"])).toEqual([undefined, "north"]);
});

test("a connection has the traffic options of the file, and its address from whoever opens it", async () => {
  delay = 400;
  const slow = "subgraphs: { items: { timeoutMs: 50, url: http://127.0.0.1:1/graphql }, others: { timeoutMs: 5 } }";
  await expect(ask(slow)).rejects.toMatchObject({ extensions: { code: "SUBGRAPH_TIMEOUT" } });
  expect((await ask(slow.replace("50", "5000"))).data).toEqual({ a: 1 });
});

test("sections about subgraphs that are not there are refused at their place, others are not", async () => {
  const opened = await open("subgraphs:\n  all: { timeoutMs: 50 }\n  itmes: { timeoutMs: 5 }\n");
  expect(() => opened.check(["items"])).toThrow(/router\.yaml:3:3 .*Did you mean "items"\?/);
  expect(() => opened.check(["itmes"])).not.toThrow();
});

test("options are those of the file; an empty one says nothing, and false takes limits away", async () => {
  const telling = await open(
    "errors: asGiven\nrateLimit: false\nlimits: { depth: 3 }\nserver: { drainTimeoutMs: 5 }\n",
  );
  expect(await telling.options()).toMatchObject({ errors: "asGiven", limits: { depth: 3 }, drainTimeoutMs: 5 });
  const silent = await (await openRouterFile(undefined, {})).options();
  for (const options of [await telling.options(), silent]) expect(options).not.toHaveProperty("rateLimit");
  for (const name of ["errors", "authentication", "development", "limits"]) expect(silent).not.toHaveProperty(name);
});

describe("a file that is followed", () => {
  const warnings: object[] = [];
  const log = {
    ...createTelemetry({ service: "test", level: "silent" }).log,
    warn: (details: object) => warnings.push(details),
  };
  afterEach(() => {
    warnings.length = 0;
  });

  async function follow(text: string) {
    const opened = await open(text);
    const changed: RouterFile[] = [];
    const following = opened.follow({
      subgraphs: ["items"],
      fixed: ["subgraphs"],
      onChange: async (file) => void changed.push(file),
      log: log as unknown as Log,
    });
    onTestFinished(() => following.close());
    const file = join(folder, "router.yaml");
    // The first look at the file is taken without being waited for. One that begins as much later ends later.
    await new Promise((resolve) => setTimeout(resolve, 300));
    await createFingerprint()([file]);
    // At once: a file that is still empty is a configuration as well.
    return { changed, write: (next: string) => writeFileSync(file, next) };
  }

  test("brings what has changed, but sections that are fixed, which it names", async () => {
    const { changed, write } = await follow("limits: { depth: 5 }\nsubgraphs: { items: { timeoutMs: 100 } }");
    write("limits: { depth: 6 }\nsubgraphs: { items: { timeoutMs: 200 } }\nserver: { port: 4001 }");
    await expect.poll(() => warnings, { timeout: 20_000 }).toEqual([{ sections: ["subgraphs", "server.port"] }]);
    expect(changed.map(({ config }) => config)).toMatchObject([
      { limits: { depth: 6 }, subgraphs: { items: { timeoutMs: 100 } } },
    ]);
    expect(await changed[0]?.options()).toMatchObject({ limits: { depth: 6 } });
  });

  test("brings nothing that is wrong, and what comes after it", async () => {
    const { changed, write } = await follow("limits: { depth: 5 }");
    for (const wrong of ["limits: { depht: 6 }", "subgraphs: { itmes: { timeoutMs: 1 } }"]) {
      write(wrong);
      await new Promise((resolve) => setTimeout(resolve, 400));
    }
    write("limits: { depth: 7 }");
    await expect.poll(() => changed.map(({ config }) => config.limits), { timeout: 20_000 }).toEqual([{ depth: 7 }]);
  });

  test("is left alone where it says so, and where there is none", async () => {
    const { changed, write } = await follow("supergraph: { watch: false }");
    write("limits: { depth: 6 }");
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(changed).toEqual([]);
    const none = (await openRouterFile(undefined, {})).follow({
      ...{ subgraphs: [], fixed: [], onChange: async () => {}, log: log as unknown as Log },
    });
    await none.close();
  });
});
