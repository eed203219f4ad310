import { createTelemetry } from "@tessera/telemetry";
import { describe, expect, test } from "vitest";
import { createRouterMetrics, type RouterReadings } from "../../src/observability/router-metrics.js";
import { operationOf, recordOf } from "./records.js";

function start(readings: RouterReadings = {}) {
  const { metrics } = createTelemetry({ service: "test", level: "silent" });
  const router = createRouterMetrics(metrics, readings);
  const scrape = async () =>
    (await metrics.scrape()).text
      .split("\n")
      .filter((line) => line.startsWith("tessera_") && !line.includes("_bucket"));
  return { router, scrape };
}

const operation = operationOf("{ old }");

describe("metrics of the router", () => {
  test("count requests by kind and outcome, and those that run", async () => {
    const { router, scrape } = start();
    for (let request = 0; request < 4; request += 1) router.onRequestStart();
    router.onRequestEnd(recordOf(operation, { durationMs: 100 }));
    router.onRequestEnd(recordOf(operation, { errorCodes: ["X"] }));
    router.onRequestEnd(recordOf(null, { errorCodes: ["X"], isRequestError: true }));
    const lines = await scrape();
    const count = (labels: string) =>
      lines.find((line) => line.startsWith("tessera_request_duration_seconds_count") && line.includes(labels));
    expect(count('operation_type="query",outcome="ok"')).toMatch(/ 1$/);
    expect(count('operation_type="query",outcome="partial"')).toMatch(/ 1$/);
    expect(count('operation_type="unknown",outcome="error"')).toMatch(/ 1$/);
    expect(lines).toContain('tessera_router_requests_in_flight{service="test"} 1');
  });

  test("read caches, circuit breakers and the planner when they are scraped", async () => {
    let hits = 3;
    const { scrape } = start({
      caches: () => ({ plan: { hits, misses: 1, size: 7 }, entity: { hits: 0, misses: 2 } }),
      breakers: () => ({ users: "open" }),
      planner: () => ({ running: 1, waiting: 4 }),
    });
    await scrape();
    hits = 5;
    const lines = await scrape();
    for (const line of [
      'tessera_router_cache_lookups_total{cache="plan",result="hit",service="test"} 5',
      'tessera_router_cache_lookups_total{cache="entity",result="miss",service="test"} 2',
      'tessera_router_cache_entries{cache="plan",service="test"} 7',
      'tessera_router_circuit_breaker{subgraph="users",state="open",service="test"} 1',
      'tessera_router_circuit_breaker{subgraph="users",state="closed",service="test"} 0',
      'tessera_router_planner_operations{state="waiting",service="test"} 4',
    ])
      expect(lines).toContain(line);
  });

  test("count refusals by rate limits, and reloads by their outcome", async () => {
    const { router, scrape } = start();
    router.onRateLimited();
    router.onReload("failed");
    const lines = await scrape();
    expect(lines).toContain('tessera_router_rate_limited_total{service="test"} 1');
    expect(lines).toContain('tessera_router_reloads_total{outcome="failed",service="test"} 1');
  });
});
