/** The connections of a stand-alone router are closed when nothing uses them any more, and not before. */
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createTelemetry } from "@tessera/telemetry";
import { afterEach, expect, test } from "vitest";
import { SubgraphConnections } from "../../src/config/subgraph-connections.js";
import { startRouter } from "../../src/index.js";
import { supergraphOf } from "../subscription/stage.js";

const wait = { timeout: 20_000 };
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const sdl = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"]) type Query { name: String }`;
const supergraph = supergraphOf({ people: sdl });

/** Answers with its name, when it is let. */
async function subgraph(name: string, isPatient = false) {
  const waiting: ServerResponse[] = [];
  const answer = (response: ServerResponse) => response.end(JSON.stringify({ data: { name } }));
  const server: Server = createServer((request, response) => {
    request.resume().once("end", () => (isPatient ? waiting.push(response) : answer(response)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(
    () => server.closeAllConnections(),
    () => new Promise((resolve) => server.close(resolve)),
  );
  const { port } = server.address() as AddressInfo;
  const open = () => new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));
  return { url: `http://127.0.0.1:${port}/graphql`, waiting, open, answerAll: () => waiting.splice(0).forEach(answer) };
}

async function served(url: string) {
  const connections = new SubgraphConnections();
  const members = (at: string) => [{ name: "people", url: at }];
  const router = await startRouter({
    ...{ supergraphSdl: supergraph, connections: connections.open(members(url), {}) },
    ...{ telemetry: createTelemetry({ service: "test", level: "silent" }), port: 0, host: "127.0.0.1" },
    execution: { planning: { workers: 0 } },
  });
  closing.push(
    () => connections.close(),
    () => router.close(),
  );
  const ask = async () => {
    const headers = { "content-type": "application/json" };
    return (await fetch(`${router.url}/graphql`, { method: "POST", headers, body: '{"query":"{ name }"}' })).json();
  };
  const reload = (at: string, sdl = supergraph) =>
    connections.replace(members(at), {}, (opened) => router.reload({ supergraphSdl: sdl, connections: opened }));
  return { ask, reload };
}

test("a connection that was replaced is closed after the last request on it", async () => {
  const [old, next] = [await subgraph("old", true), await subgraph("next")];
  const { ask, reload } = await served(old.url);
  const running = ask();
  await expect.poll(() => old.waiting.length, wait).toBe(1);
  await reload(next.url);
  expect(await ask()).toEqual({ data: { name: "next" } });
  expect(await old.open()).toBe(1);
  old.answerAll();
  expect(await running).toEqual({ data: { name: "old" } });
  await expect.poll(old.open, wait).toBe(0);
  expect(await ask()).toEqual({ data: { name: "next" } });
});

test("one that has not changed is kept, with what is pooled on it", async () => {
  const only = await subgraph("only");
  const { ask, reload } = await served(only.url);
  expect(await ask()).toEqual({ data: { name: "only" } });
  await reload(only.url);
  expect(await ask()).toEqual({ data: { name: "only" } });
  expect(await only.open()).toBe(1);
});

test("those of a supergraph that cannot be served are closed, and those in use are not", async () => {
  const [old, next] = [await subgraph("old"), await subgraph("next")];
  const { ask, reload } = await served(old.url);
  expect(await ask()).toEqual({ data: { name: "old" } });
  await expect(reload(next.url, "type")).rejects.toThrow();
  expect(await ask()).toEqual({ data: { name: "old" } });
  expect([await old.open(), await next.open()]).toEqual([1, 0]);
  await reload(next.url);
  expect(await ask()).toEqual({ data: { name: "next" } });
});
