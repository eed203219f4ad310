import { expect, test } from "vitest";
import { openShop } from "./shop.js";

const readingOf = (text: string, pattern: string): string | undefined =>
  new RegExp(`^tessera_${pattern} (\\S+)$`, "m").exec(text)?.[1];

test("caches, circuits and the planner are read when Prometheus scrapes", async () => {
  const { ask, metrics, products } = await openShop({
    remote: { traffic: { circuitBreaker: { minimumCalls: 2 } } },
    entityCache: { subgraphs: { reviews: { ttlSeconds: 60 } } },
  });
  await ask("{ top { stars } }");
  await ask("{ top { stars } }");
  const before = await metrics();
  const lookups = (cache: string, result: string) =>
    Number(readingOf(before, `router_cache_lookups_total\\{cache="${cache}",result="${result}",service="test"\\}`));
  expect([lookups("operation", "hit"), lookups("operation", "miss")]).toEqual([1, 1]);
  expect([lookups("entity", "hit"), lookups("entity", "miss")]).toEqual([3, 3]);
  expect(lookups("plan", "miss")).toBe(1);
  expect(readingOf(before, 'router_cache_entries\\{cache="plan",service="test"\\}')).toBe("1");
  expect(readingOf(before, 'router_planner_operations\\{state="waiting",service="test"\\}')).toBe("0");
  const circuit = (text: string, state: string) =>
    readingOf(text, `router_circuit_breaker\\{subgraph="products",state="${state}",service="test"\\}`);
  expect([circuit(before, "closed"), circuit(before, "open")]).toEqual(["1", "0"]);

  products.status = 500;
  for (const name of ["a", "b", "c"]) await ask(`{ top { ${name}: name } }`);
  const after = await metrics();
  expect([circuit(after, "closed"), circuit(after, "open")]).toEqual(["0", "1"]);
});

test("a call whose answer holds errors counts as an error, though its text came in order", async () => {
  const { ask, metrics } = await openShop();
  await ask("{ top { name } }");
  await ask("{ fails }");
  await ask("{ top { id } fails }");
  const text = await metrics();
  const calls = (outcome: string) =>
    readingOf(text, `subgraph_call_duration_seconds_count\\{[^}]*subgraph="products",outcome="${outcome}"[^}]*\\}`);
  expect([calls("ok"), calls("error")]).toEqual(["1", "2"]);
});

test("entities that are read by the cache count the same", async () => {
  const { ask, metrics } = await openShop({ entityCache: { subgraphs: { reviews: { ttlSeconds: 60 } } } });
  await ask("{ top { stars } }");
  expect(await metrics()).toMatch(
    /subgraph_call_duration_seconds_count\{[^}]*subgraph="reviews",outcome="ok"[^}]*\} 1/,
  );
});
