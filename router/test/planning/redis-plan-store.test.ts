import { startTestRedis, type TestRedis } from "@tessera/database/testing";
import { createClient } from "redis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createPlanCache } from "../../src/planning/plan-cache.js";
import { type PlanStore, planEdition } from "../../src/planning/plan-store.js";
import type { Planner } from "../../src/planning/planner.js";
import { createRedisPlanStore } from "../../src/planning/redis-plan-store.js";
import { startPlanner } from "../../src/planning/start-planner.js";
import { composeThin } from "./thin-execution.js";

const supergraphSdl = composeThin({ people: { sdl: "type Query { me: String you: String }" } });
const request = { text: "{ me }", overrides: ["one"] };
const patience = 5_000;

let redis: TestRedis;
let planner: Planner;
beforeAll(async () => {
  [redis, planner] = await Promise.all([startTestRedis({ own: true }), startPlanner({ supergraphSdl, workers: 0 })]);
});
afterAll(async () => {
  await planner.close();
  await redis.close();
});

async function connected(edition: string): Promise<PlanStore> {
  const store = createRedisPlanStore({ url: redis.url, edition, timeoutMs: patience });
  await expect
    .poll(() =>
      store.get(request).then(
        () => true,
        () => false,
      ),
    )
    .toBe(true);
  return store;
}

test("A plan that one process made is used by another of the same supergraph, and by no other", async () => {
  const edition = planEdition(supergraphSdl);
  const [first, second, other] = await Promise.all([
    connected(edition),
    connected(edition),
    connected(planEdition(`${supergraphSdl} `)),
  ]);
  const one = createPlanCache({ planner, store: first });
  const planned = await one.plan(request);
  await expect.poll(() => second.get(request)).toEqual(planned);

  const idle: Planner = { plan: () => Promise.reject(new Error("not asked")), close: async () => {} };
  const two = createPlanCache({ planner: idle, store: second });
  await expect(two.plan(request)).resolves.toEqual(planned);
  expect(two.statistics()).toMatchObject({ misses: 1, stored: 1 });
  await expect(two.plan({ ...request, overrides: [] })).rejects.toThrow("not asked");
  await expect(other.get(request)).resolves.toBeUndefined();
  await Promise.all([one.close(), two.close(), other.close()]);
});

test("What is not a plan is not taken for one", async () => {
  const edition = planEdition(supergraphSdl, { test: "foreign" });
  const store = await connected(edition);
  await store.set(request, await planner.plan(request));
  const client = createClient({ url: redis.url });
  await client.connect();
  const [key = ""] = await client.keys(`*${edition}*`);
  expect(await client.ttl(key)).toBeGreaterThan(0);
  await client.set(key, '{"plan":{"kind":"Other"}}');
  await expect(store.get(request)).resolves.toBeUndefined();
  await client.set(key, "{");
  const cache = createPlanCache({ planner, store });
  await expect(cache.plan(request)).resolves.toMatchObject({ plan: { kind: "QueryPlan" } });
  client.destroy();
  await cache.close();
});

test("Without Redis, operations are planned here, and with it again they are kept", async () => {
  const store = await connected(planEdition(supergraphSdl, { test: "away" }));
  const restarted = redis.restart({ downMs: 300 });
  const cache = createPlanCache({ planner, store });
  await expect(cache.plan(request)).resolves.toMatchObject({ plan: { kind: "QueryPlan" } });
  await restarted;
  const later = { text: "{ you }", overrides: [] };
  await expect
    .poll(
      () =>
        store.get(later).then(
          () => true,
          () => false,
        ),
      { timeout: 20_000 },
    )
    .toBe(true);
  await cache.plan(later);
  await expect.poll(() => store.get(later)).toMatchObject({ text: "{ you }" });
  await cache.close();
});

test("Settings that change plans, and the supergraph, make another edition", () => {
  const edition = planEdition("a", { enableDefer: true, maxEvaluatedPlans: 1 });
  expect(planEdition("a", { maxEvaluatedPlans: 1, enableDefer: true })).toBe(edition);
  expect(planEdition("a", { maxEvaluatedPlans: 2, enableDefer: true })).not.toBe(edition);
  expect(planEdition("b", { enableDefer: true, maxEvaluatedPlans: 1 })).not.toBe(edition);
});
