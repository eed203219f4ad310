/** What was planned once is not planned again: by another router, at the next start, or when the first client asks. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startTestRedis, type TestRedis } from "@tessera/database/testing";
import { createTelemetry } from "@tessera/telemetry";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import type { RouterOptions } from "../../src/index.js";
import { type Graph, openGraph } from "../../src/request/open-graph.js";
import { createRequestContext } from "../../src/request/request-context.js";
import type { ExecutionOptions } from "../../src/supergraph/start-generation.js";
import {
  connect,
  Feed,
  feedResolvers,
  feedSdl,
  itemsResolvers,
  itemsSdl,
  supergraphSdl,
} from "../subscription/stage.js";

/** An answer that comes late is no answer; here it may come later than in service. */
vi.mock("../../src/planning/redis-plan-store.js", async (load) => {
  const { createRedisPlanStore } = await load<typeof import("../../src/planning/redis-plan-store.js")>();
  const patient: typeof createRedisPlanStore = (options) => createRedisPlanStore({ ...options, timeoutMs: 5_000 });
  return { createRedisPlanStore: patient };
});

const telemetry = () => createTelemetry({ service: "test", level: "silent" });
const queries = ["{ hello }", '{ item(id: "1") { name } }', "{ latest { id item { name } } }"];

let redis: TestRedis;
let folder: string;
beforeAll(async () => {
  redis = await startTestRedis({ own: true });
  folder = await mkdtemp(join(tmpdir(), "plan-store-"));
});
afterAll(async () => {
  await redis.close();
  await rm(folder, { recursive: true });
});

type Planning = NonNullable<ExecutionOptions["planning"]>;

async function started(planning: Planning, options: Partial<RouterOptions> = {}): Promise<Graph> {
  const connections = [
    connect("feed", feedSdl, feedResolvers(new Feed()), []),
    connect("items", itemsSdl, itemsResolvers, []),
  ];
  const execution = { planning: { workers: 0, ...planning } };
  const graph = await openGraph({ supergraphSdl, connections, telemetry: telemetry(), execution, ...options });
  onTestFinished(() => graph.close());
  return graph;
}

const statistics = (graph: Graph) => graph.supergraph.generation.plans.statistics();

async function askAll(graph: Graph): Promise<void> {
  const { signal } = new AbortController();
  const facts = { requestId: "1", actor: null, deadline: Date.now() + 60_000, signal };
  for (const query of queries) {
    const outcome = await graph.run({ query }, createRequestContext(facts, {}), { mayStream: false, mayMutate: true });
    expect(outcome).toMatchObject({ kind: "single", answer: { status: 200 } });
    expect(outcome).not.toHaveProperty("answer.errors.0");
  }
}

async function keys(): Promise<number> {
  const { createClient } = await import("redis");
  const client = createClient({ url: redis.url });
  await client.connect();
  const found = await client.keys("tessera:plan:*");
  client.destroy();
  return found.length;
}

test("a second router plans nothing that the first one planned, unless its settings change plans", async () => {
  const store = { redisUrl: redis.url, ttlSeconds: 60 };
  const first = await started({ store });
  await askAll(first);
  expect(statistics(first)).toMatchObject({ misses: queries.length, stored: 0 });
  await expect.poll(keys).toBe(queries.length);

  const second = await started({ store });
  await askAll(second);
  expect(statistics(second)).toMatchObject({ misses: queries.length, stored: queries.length });

  const other = await started({ store, maxEvaluatedPlans: 7 });
  await askAll(other);
  expect(statistics(other)).toMatchObject({ misses: queries.length, stored: 0 });
});

test("a store that is away keeps no router from starting and planning", async () => {
  const graph = await started({ store: { redisUrl: "redis://127.0.0.1:1" } });
  await askAll(graph);
  expect(statistics(graph)).toMatchObject({ misses: queries.length, stored: 0 });
});

test("no more plans are kept than the configuration says", async () => {
  const graph = await started({ cacheSize: 2 });
  await askAll(graph);
  expect(statistics(graph).size).toBe(2);
});

test("published operations are planned and compiled before the first client asks, where the configuration wants it", async () => {
  const manifest = join(folder, "manifest.json");
  const operations = [...queries, "{ unknown }"].map((body, at) => ({ id: `id${at}`, name: "", type: "query", body }));
  await writeFile(manifest, JSON.stringify({ format: "apollo-persisted-query-manifest", version: 1, operations }));
  const options = { persistedDocuments: { manifest, manifestPollMs: 0 } };
  const eager = await started({ warmUp: { published: true } }, options);
  expect(statistics(eager)).toMatchObject({ size: queries.length, misses: queries.length, hits: 0 });
  await askAll(eager);
  expect(statistics(eager)).toMatchObject({ misses: queries.length, hits: 0 });
  const lazy = await started({}, options);
  expect(statistics(lazy)).toMatchObject({ size: 0 });
});

test("of the operations in use, as many are planned before a switch as the configuration says", async () => {
  const graph = await started({ warmUp: { operations: 1 } });
  await askAll(graph);
  const { connections } = graph.supergraph.generation;
  await graph.reload({ supergraphSdl, connections: [...connections] });
  expect(statistics(graph)).toMatchObject({ size: 1, misses: 1 });
});
