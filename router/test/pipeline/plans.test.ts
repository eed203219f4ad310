import { expect, test } from "vitest";
import { asUser, openShop } from "./shop.js";

const path = "/graphql/plan";

test("a developer is shown how an operation would be run, and nothing runs", async () => {
  const { ask, products } = await openShop();
  const explained = await ask("query Stars { top { name stars } }", {}, path);
  expect([explained.status, explained.headers.get("cache-control")]).toEqual([200, "no-store"]);
  expect(explained).toMatchObject({
    operation: { name: "Stars", kind: "query", hash: expect.stringMatching(/^[0-9a-f]{16}$/) },
    access: { variant: "", refused: [], wouldRemove: null },
    plan: { kind: "QueryPlan", node: { kind: "Sequence" } },
    calls: [
      { subgraph: "products", kind: "query", waitsFor: [], entityFields: 0 },
      { subgraph: "reviews", kind: "query", waitsFor: [0], entityFields: 1 },
    ],
  });
  expect((explained as unknown as { text: string }).text).toBe(
    [
      "Sequence",
      "├─ Fetch from products",
      "│    { top { __typename id name } }",
      "└─ at top.@",
      "   └─ Fetch from reviews",
      "        needs { ... on Product { __typename id } }",
      "        { ... on Product { stars } }",
    ].join("\n"),
  );
  expect(products.received).toEqual([]);
});

test("what the sender may not see is not in the plan, and named", async () => {
  const { ask } = await openShop();
  const plan = async (headers?: Record<string, string>) =>
    (await ask("{ top { id } offers { name } }", headers, path)) as unknown as {
      readonly access: { readonly variant: string; readonly refused: unknown };
      readonly text: string;
    };
  const [anonymous, user] = [await plan(), await plan(asUser)];
  expect(anonymous.access.refused).toEqual([["offers"]]);
  expect(anonymous.access.variant).not.toBe(user.access.variant);
  expect([anonymous.text.includes("offers"), user.text.includes("offers")]).toEqual([false, true]);
});

test("what is wrong with an operation is said as for a request", async () => {
  const { ask, router } = await openShop();
  const { status, errors } = await ask("{ nothing }", {}, path);
  expect([status, errors?.[0]?.extensions.code]).toEqual([400, "GRAPHQL_VALIDATION_FAILED"]);
  const got = await fetch(`${router.url}${path}`);
  expect([got.status, got.headers.get("allow")]).toEqual([405, "POST"]);
  const form = await fetch(`${router.url}${path}`, { method: "POST", body: "query={top{id}}" });
  expect(form.status).toBe(415);
});

test("only those roles are shown plans that the configuration names, and outside of development nobody", async () => {
  const { ask } = await openShop({ planEndpoint: { roles: ["developer"] }, development: false });
  const developer = { authorization: "Bearer ada/t1/developer" };
  expect((await ask("{ top { id } }", developer, path)).status).toBe(200);
  const refused = await ask("{ top { id } }", asUser, path);
  expect([refused.status, refused.errors?.[0]?.extensions.code]).toEqual([403, "PLANS_REFUSED"]);
  const production = await openShop({ development: false });
  expect((await production.ask("{ top { id } }", developer, path)).status).toBe(404);
});

test("the explorer of Apollo is shown the plan of what it has run, in development alone", async () => {
  const headers = { "apollo-query-plan-experimental": "1" };
  const { ask } = await openShop();
  const { data, extensions } = await ask("{ top(first: 1) { name stars } }", headers);
  expect(data).toEqual({ top: [{ name: "Product 1", stars: 2 }] });
  const { __queryPlanExperimental: plan } = extensions as { __queryPlanExperimental?: string };
  expect(plan).toMatch(/^QueryPlan \{\n {2}Sequence \{\n {4}Fetch\(service: "products"\)/);
  expect((await ask("{ top(first: 1) { name stars } }")).extensions).toBeUndefined();
  const production = await openShop({ development: false });
  expect((await production.ask("{ top { id } }", headers)).extensions).toBeUndefined();
});
