/** The whole supergraph with Kafka between its modules; run by `npm run test:kafka`. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Graph, startGraph } from "../src/index.js";

const kafkaBrokers = process.env.KAFKA_BROKERS ?? "";
let graph: Graph;
beforeAll(async () => {
  graph = await startGraph("single", { kafkaBrokers });
}, 300_000);
afterAll(() => graph?.close());

test("what modules tell each other goes over Kafka, all of it is handled, and none of it over PostgreSQL", async () => {
  const answer = await fetch(new URL("/health/integrations", graph.url));
  expect(await answer.json()).toMatchObject({
    checks: { integrations: { ok: true, detail: expect.stringContaining("Kafka") } },
  });
  const [row] = await graph.database.admin`
    select (select count(*)::int from kernel.seen) as handled, (select count(*)::int from kernel.stream) as stored,
      (select count(*)::int from kernel.outbox) as waiting, (select count(*)::int from kernel.parked) as parked`;
  expect(row).toMatchObject({ stored: 0, waiting: 0, parked: 0 });
  expect(row?.handled).toBeGreaterThan(100);
});
