import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { hashSecret } from "@tessera/access";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import WebSocket from "ws";
import { compose } from "../../src/index.js";
import { buildAndRun, type RouterProcess, startRouterProcess } from "../cli/router-process.js";

/**
 * A router in a process that may have little memory: what is kept of a flood ends it. Each flood is larger than that
 * memory when nothing of it is forgotten.
 */
const heapMegabytes = 256;
const sdl = `type Query { items(x: [Int], y: String): [Item!]! }  type Item { id: ID! name: String inner: Item }`;

let folder: string;
let subgraph: Server;
let router: RouterProcess;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "floods-"));
  subgraph = createServer(async (request, response) => {
    const [, alias = "items"] = /\b([a-z]\w{0,9}):\s*items/.exec(await text(request)) ?? [];
    response.setHeader("content-type", "application/json").end(`{"data":{"${alias}":[{"id":"1"}]}}`);
  });
  await new Promise<void>((resolve) => subgraph.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(subgraph.address() as AddressInfo).port}/graphql`;
  const file = join(folder, "supergraph.graphql");
  writeFileSync(file, compose([{ name: "items", sdl, file: "items.graphql", url }]).supergraphSdl);
  expect((await buildAndRun(["--help"])).code).toBe(0);
  // Ten large operations at once may take a slow machine longer than clients have by default.
  const config = join(folder, "router.yaml");
  writeFileSync(config, "server: { requestTimeoutMs: 60000 }\n");
  const environment = { NODE_OPTIONS: `--max-old-space-size=${heapMegabytes}`, LOG_LEVEL: "silent" };
  router = await startRouterProcess(["--supergraph", file, "--config", config], environment);
}, 180_000);

afterAll(async () => {
  router.signal("SIGTERM");
  expect((await router.ended()).code).toBe(0);
  subgraph.close();
  rmSync(folder, { recursive: true, force: true });
});

const url = () => `${router.url}/graphql`;

async function send(body: unknown): Promise<unknown> {
  const headers = { "content-type": "application/json" };
  return (await fetch(url(), { method: "POST", headers, body: JSON.stringify(body) })).json();
}

/** The codes of what is refused, a few at a time. */
async function codesOf(bodies: Iterable<unknown>): Promise<unknown[]> {
  const codes = new Set<unknown>();
  let batch: unknown[] = [];
  const flush = async () => {
    const answers = (await Promise.all(batch.map(send))) as { errors?: { extensions: { code: unknown } }[] }[];
    for (const { errors } of answers) codes.add(errors?.[0]?.extensions.code);
    batch = [];
  };
  for (const body of bodies) if (batch.push(body) === 10) await flush();
  await flush();
  return [...codes];
}

function* many(count: number, of: (at: number) => unknown): Generator {
  for (let at = 0; at < count; at++) yield of(at);
}

async function isWell(): Promise<void> {
  expect(await send({ query: "{ items { id } }" })).toEqual({ data: { items: [{ id: "1" }] } });
}

describe("nothing is kept without bound of", () => {
  test("operations that are too large, wrong, or no GraphQL", async () => {
    const fields = Array.from({ length: 3_000 }, (_, at) => `x${at}:id `).join("");
    expect(await codesOf(many(80, (at) => ({ query: `{ z${at}: items { ${fields} } }` })))).toEqual([
      "ALIASES_EXCEEDED",
    ]);
    expect(await codesOf(many(15, (at) => ({ query: `{ z${at}: nothing ${"@x ".repeat(4_500)} }` })))).toEqual([
      "GRAPHQL_VALIDATION_FAILED",
    ]);
    expect(
      await codesOf(many(10, (at) => ({ query: `{ items(y: "${at}${"y".repeat(900_000)}") { nothing } }` }))),
    ).toEqual(["GRAPHQL_VALIDATION_FAILED"]);
    expect(await codesOf(many(15, (at) => ({ query: `${at}${" ".repeat(3_000_000)}` })))).toEqual(["TEXT_TOO_LONG"]);
    expect(await codesOf(many(10, (at) => ({ query: `{ z${at}: items { ${"id ".repeat(12_000)} } }` })))).toEqual([
      "TOKENS_EXCEEDED",
    ]);
    await isWell();
  }, 180_000);

  test("operations that are right, large, and always others", async () => {
    const names = Array.from({ length: 3_000 }, (_, at) => `x${at}:__typename `).join("");
    expect(await codesOf(many(110, (at) => ({ query: `{ z${at}: __typename ${names} }` })))).toEqual([undefined]);
    const numbers = "1 ".repeat(9_000);
    expect(await codesOf(many(10, (at) => ({ query: `{ z${at}: items(x: [${numbers}]) { id } }` })))).toEqual([
      undefined,
    ]);
    await isWell();
  }, 180_000);

  test("ways in which variables choose fields, names of operations, and hashes", async () => {
    const flags = Array.from({ length: 12 }, (_, at) => `f${at}`);
    const query = `query (${flags.map((flag) => `$${flag}: Boolean!`).join()}) { items { id ${flags.map((flag) => `name @include(if: $${flag})`).join(" ")} } }`;
    const variables = (bits: number) => Object.fromEntries(flags.map((flag, at) => [flag, ((bits >> at) & 1) === 1]));
    expect(await codesOf(many(100, (at) => ({ query, variables: variables(at * 7) })))).toEqual([undefined]);
    const named = { query: "query A { items { id } }" };
    expect(await codesOf(many(40, (at) => ({ ...named, operationName: `N${at}${"n".repeat(100_000)}` })))).toEqual([
      "OPERATION_RESOLUTION_FAILURE",
    ]);
    const hashed = (at: number) => {
      const long = `{ items(y: "${at}${"y".repeat(150_000)}") { id } }`;
      return { query: long, extensions: { persistedQuery: { version: 1, sha256Hash: hashSecret(long) } } };
    };
    expect(await codesOf(many(60, hashed))).toEqual([undefined]);
    await isWell();
  }, 180_000);

  test("errors about variables, which repeat what was wrong", async () => {
    const query = "query ($x: [Int]) { items(x: $x) { id } }";
    const long = "y".repeat(1_000_000);
    const answer = JSON.stringify(
      await send({ query, variables: { x: [long, long, long, long, long, long, long, long] } }),
    );
    expect(answer).toContain("BAD_USER_INPUT");
    expect(answer.length).toBeLessThan(20_000);
    const named = `query ${"Q".repeat(500_000)}(${Array.from({ length: 200 }, (_, at) => `$v${at}: Int`).join()}) { items { id } }`;
    expect(JSON.stringify(await send({ query: named })).length).toBeLessThan(50_000);
    await isWell();
  }, 180_000);

  test("reservations of event streams that nobody opens", async () => {
    const reserve = async () => (await fetch(url(), { method: "PUT" })).status;
    const statuses: number[] = [];
    for (let round = 0; round < 20; round++) statuses.push(...(await Promise.all(Array.from({ length: 50 }, reserve))));
    expect(statuses.filter((status) => status === 201).length).toBeLessThanOrEqual(100);
    expect(statuses.filter((status) => status !== 201 && status !== 429)).toEqual([]);
    await isWell();
  }, 180_000);
});

describe("a socket that", () => {
  const open = () =>
    new Promise<WebSocket>((resolve, reject) => {
      const socket = new WebSocket(url().replace("http", "ws"), "graphql-transport-ws");
      socket.on("open", () => resolve(socket)).on("error", reject);
    });
  const closed = (socket: WebSocket) => new Promise<number>((resolve) => socket.on("close", resolve));
  const say = (socket: WebSocket, message: object) => socket.send(JSON.stringify(message));

  async function begin(): Promise<WebSocket> {
    const socket = await open();
    const greeted = new Promise((resolve) => socket.once("message", resolve));
    say(socket, { type: "connection_init" });
    await greeted;
    return socket;
  }

  test("greets twice, or asks before it greets, is closed", async () => {
    const twice = await open();
    say(twice, { type: "connection_init" });
    for (let at = 0; at < 500; at++) say(twice, { type: "connection_init" });
    expect(await closed(twice)).toBe(4429);
    const early = await open();
    for (let at = 0; at < 500; at++)
      say(early, { type: "subscribe", id: `${at}`, payload: { query: "{ items { id } }" } });
    expect(await closed(early)).toBe(4401);
    await isWell();
  });

  test("asks and takes back without end leaves nothing behind, and is answered", async () => {
    const socket = await begin();
    const query = "{ items { id } }";
    for (let at = 0; at < 3_000; at++) {
      const headers = at % 2 === 0 ? { authorization: "Bearer x" } : {};
      say(socket, { type: "subscribe", id: "same", payload: { query, extensions: { headers } } });
      say(socket, { type: "complete", id: "same" });
    }
    const answered = new Promise<string>((resolve) => {
      socket.on("message", (data) => {
        const message = String(data);
        if (message.includes('"last"') && message.includes('"next"')) resolve(message);
      });
    });
    say(socket, { type: "subscribe", id: "last", payload: { query } });
    expect(await answered).toContain('{"items":[{"id":"1"}]}');
    socket.terminate();
    await isWell();
  }, 180_000);

  test("never reads what it asks for is cut off, and others are served", async () => {
    const socket = await begin();
    const gone = closed(socket);
    socket.pause();
    const payload = "p".repeat(500_000);
    for (let at = 0; at < 400 && socket.readyState === socket.OPEN; at++) {
      say(socket, { type: "ping", payload: { at, payload } });
      await new Promise((resolve) => setImmediate(resolve));
    }
    await isWell();
    // Read too soon, it would have read everything.
    const isTaken = () => socket.readyState !== socket.OPEN || socket.bufferedAmount === 0;
    await expect.poll(isTaken, { timeout: 50_000 }).toBe(true);
    socket.resume();
    expect(await gone).toBe(1006);
    await isWell();
  }, 180_000);
});
