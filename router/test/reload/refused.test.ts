/** What cannot be served changes nothing, and two who reload at once do not get into each other's way. */
import { createTelemetry } from "@tessera/telemetry";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openGraph } from "../../src/request/open-graph.js";
import { createRequestContext } from "../../src/request/request-context.js";
import { dataOf, openEvents } from "../subscription/event-client.js";
import {
  connect,
  feedSdl,
  itemsResolvers,
  itemsSdl,
  openStage,
  type Stage,
  supergraphOf,
  supergraphSdl,
} from "../subscription/stage.js";

const wait = { timeout: 20_000 };
let stage: Stage;
const threads = 1;
beforeEach(async () => {
  stage = await openStage({ execution: {} });
  // That of the test before may still be ending.
  await expect.poll(planningThreads, wait).toBe(1);
});
afterEach(() => stage.router.close());

/** A report of Node.js names the threads of this process, busy or not. */
const planningThreads = () => (process.report.getReport() as { readonly workers: readonly unknown[] }).workers.length;

const ask = async (query: string) => {
  const headers = { "content-type": "application/json" };
  const request = { method: "POST", headers, body: JSON.stringify({ query }) };
  return (await fetch(`${stage.router.url}/graphql`, request)).json();
};

/** Its answer to `hello` says which one it is. */
function numbered(at: number) {
  const sdl = itemsSdl.replace("hello: String", `hello: String n${at}: Int`);
  const Query = { hello: () => `hello ${at}`, [`n${at}`]: () => at };
  const connections = [
    ...stage.connections.filter(({ name }) => name === "feed"),
    connect("items", sdl, { ...itemsResolvers, Query }, stage.calls),
  ];
  return { supergraphSdl: supergraphOf({ feed: feedSdl, items: sdl }), connections };
}

describe("a reload is refused", () => {
  test.each([
    ["what is not GraphQL", "type Query {", "SUPERGRAPH_NOT_GRAPHQL"],
    ["what is no supergraph", "type Query { a: Int }", "SUPERGRAPH_NOT_COMPOSED"],
    ["what no planner understands", supergraphSdl.replaceAll('key: "id"', 'key: "nothing"'), "SUPERGRAPH_INVALID"],
  ])("for %s, and everything is as it was", async (_, sdl, code) => {
    const { router, feed, connections } = stage;
    const stream = await openEvents(router, { query: "subscription { event { id } }" });
    await expect(router.reload({ supergraphSdl: sdl, connections })).rejects.toMatchObject({ code });
    expect(await ask("{ hello }")).toEqual({ data: { hello: "hello" } });
    feed.push(1);
    await expect.poll(() => dataOf(stream), wait).toEqual([{ event: { id: "e1" } }]);
    await expect.poll(planningThreads, wait).toBe(threads);
  });

  test("for a subgraph without a connection", async () => {
    const { router, connections } = stage;
    await expect(router.reload({ supergraphSdl, connections: connections.slice(1) })).rejects.toMatchObject({
      extensions: { code: "SUBGRAPH_NOT_CONNECTED", details: { names: "feed" } },
    });
    expect(await ask("{ hello }")).toEqual({ data: { hello: "hello" } });
    await expect.poll(planningThreads, wait).toBe(threads);
  });

  test("after which a good one is served", async () => {
    await expect(stage.router.reload({ supergraphSdl: "", connections: [] })).rejects.toThrow();
    await stage.router.reload(numbered(1));
    expect(await ask("{ hello n1 }")).toEqual({ data: { hello: "hello 1", n1: 1 } });
  });
});

describe("two reloads at once", () => {
  test("happen one after the other: the later one is served, and the threads of all others end", async () => {
    const { router } = stage;
    const results = await Promise.all([1, 2, 3].map((at) => router.reload(numbered(at))));
    expect(await ask("{ hello n3 }")).toEqual({ data: { hello: "hello 3", n3: 3 } });
    for (const { released } of results) expect((await released).map(({ name }) => name)).toEqual(["items"]);
    await expect.poll(planningThreads, wait).toBe(threads);
  });

  test("of which one is refused leave the other", async () => {
    const { router } = stage;
    const bad = { supergraphSdl: "nothing", connections: [] };
    const results = await Promise.allSettled([router.reload(numbered(1)), router.reload(bad), router.reload(bad)]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
    expect(await ask("{ hello }")).toEqual({ data: { hello: "hello 1" } });
    await expect.poll(planningThreads, wait).toBe(threads);
  });
});

test("a router that closes while it reloads ends both supergraphs", async () => {
  const { router } = stage;
  const reload = router.reload(numbered(1));
  const later = router.reload(numbered(2));
  const outcomes = Promise.allSettled([reload, later]);
  await router.close();
  expect((await outcomes).at(-1)).toMatchObject({ reason: { extensions: { code: "SHUTTING_DOWN" } } });
  await expect(router.reload(numbered(3))).rejects.toMatchObject({ extensions: { code: "SHUTTING_DOWN" } });
  await expect.poll(planningThreads, wait).toBe(threads - 1);
});

test("what is asked most is planned and compiled before the switch", async () => {
  const { connections } = stage;
  const telemetry = createTelemetry({ service: "test", level: "silent" });
  const graph = await openGraph({ supergraphSdl, connections, telemetry, execution: { planning: { workers: 0 } } });
  const { signal } = new AbortController();
  const facts = { requestId: "1", actor: null, deadline: Date.now() + 60_000, signal };
  const transport = { mayStream: false, mayMutate: true };
  const run = (query: string) => graph.run({ query }, createRequestContext(facts, {}), transport);
  for (const query of ["{ hello }", "{ item(id: 1) { name } }", "{ hello }"]) await run(query);
  const plansOf = () => graph.supergraph.generation.plans;
  const before = plansOf();
  await graph.reload({ supergraphSdl, connections });
  expect(plansOf()).not.toBe(before);
  const ahead = plansOf().statistics();
  expect(ahead).toMatchObject({ size: 2, misses: 2 });
  await run("{ hello }");
  expect(plansOf().statistics()).toEqual(ahead);
  await graph.close();
});
