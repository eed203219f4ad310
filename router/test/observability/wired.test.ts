import { afterEach, describe, expect, test } from "vitest";
import { startWorld, type World } from "../world/world.js";

let world: World | undefined;
afterEach(() => world?.router.close());

describe("a router that serves", () => {
  test("writes a line for each operation, counts fields, and has its metrics scraped", async () => {
    world = await startWorld({ observability: { accessLog: true, usage: true, slowOperationMs: 0 } });
    const { ask, logged, router } = world;
    await ask("query Names { people { name } }", { headers: { "apollographql-client-name": "web" } });
    await ask("{ people { nothing } }");

    const lines = logged.map((line) => JSON.parse(line) as Record<string, unknown>);
    const requests = lines.filter(({ msg }) => msg === "request");
    expect(requests).toHaveLength(2);
    expect(requests[0]).toMatchObject({
      operation: "Names",
      kind: "query",
      client: "web",
      status: 200,
      subgraphCalls: 1,
    });
    expect(requests[1]).toMatchObject({ status: 400, errors: ["GRAPHQL_VALIDATION_FAILED"] });
    expect(lines.find(({ msg }) => msg === "slow operation")).toMatchObject({ plan: "people" });

    const usage = await (await fetch(`${router.url}/usage?top=1`)).json();
    expect(usage).toMatchObject({ requests: 1, fields: [{ requests: 1, clients: { web: 1 } }] });
    expect(usage.unused).toContain("Person.email");
    const metrics = await (await fetch(`${router.url}/metrics`)).text();
    expect(metrics).toMatch(
      /tessera_request_duration_seconds_count\{[^}]*operation_type="query",outcome="ok"[^}]*\} 1/,
    );
    expect(metrics).toMatch(/tessera_router_requests_in_flight\{[^}]*\} 0/);
  });

  test("writes of an operation that a hook put in place of another what was run", async () => {
    const hooks = [{ onRequest: () => ({ query: "query Replaced { people { name } }" }) }];
    world = await startWorld({ hooks, observability: { accessLog: true, slowOperationMs: 0 } });
    const { ask, logged } = world;
    await ask("query Sent { latest { __typename } }");
    const lines = logged.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.find(({ msg }) => msg === "request")).toMatchObject({ operation: "Replaced", subgraphCalls: 1 });
    expect(lines.find(({ msg }) => msg === "slow operation")).toMatchObject({ plan: "people" });
  });

  test("has no usage to show unless it is asked to count it", async () => {
    world = await startWorld({});
    expect((await fetch(`${world.router.url}/usage`)).status).toBe(404);
  });
});
