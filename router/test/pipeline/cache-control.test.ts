import { expect, test } from "vitest";
import { asUser, openShop, type Shop } from "./shop.js";

const both = "{ top { id stars } }";

function say({ products, reviews }: Shop, ofProducts: string | null, ofReviews: string | null): void {
  products.says = ofProducts === null ? {} : { "cache-control": ofProducts };
  reviews.says = ofReviews === null ? {} : { "cache-control": ofReviews };
}

const policyOf = async ({ ask }: Shop, query = both, headers = {}) =>
  (await ask(query, headers)).headers.get("cache-control");

test("an answer may be kept as long as the strictest subgraph lets it", async () => {
  const shop = await openShop();
  say(shop, "max-age=60, public", "max-age=30");
  expect(await policyOf(shop)).toBe("max-age=30, public");
  say(shop, "max-age=60, public", "max-age=90, private");
  expect(await policyOf(shop)).toBe("max-age=60, private");
  say(shop, "max-age=60", "no-store");
  expect(await policyOf(shop)).toBe("no-store");
});

test("what one subgraph says nothing about must not be kept because another allows it", async () => {
  const shop = await openShop();
  say(shop, "max-age=60", null);
  expect(await policyOf(shop)).toBe("no-store");
  expect(await policyOf(shop, "{ top { name } }")).toBe("max-age=60, public");
  say(shop, null, null);
  expect(await policyOf(shop)).toBeNull();
});

test("an answer with errors is not kept, nor what a mutation answers", async () => {
  const shop = await openShop();
  say(shop, "max-age=60", "max-age=60");
  expect(await policyOf(shop, "{ top { name } fails }")).toBe("no-store");
  expect(await policyOf(shop, 'mutation { buy(id: "1") { name } }')).toBe("no-store");
  expect(await policyOf(shop, "{ nothing }")).toBeNull();
});

test("what only some people may see is kept for whoever asked alone", async () => {
  const shop = await openShop();
  say(shop, "max-age=60, public", "max-age=60, public");
  expect(await policyOf(shop, "{ offers { name } }", asUser)).toBe("max-age=60, private");
  expect(await policyOf(shop, "{ offers { name } }")).toBe("no-store");
  expect(await policyOf(shop, "{ top { name } }", asUser)).toBe("max-age=60, public");
});

test("equal queries of one moment are all told the same", async () => {
  const shop = await openShop();
  say(shop, "max-age=60", "max-age=30");
  const policies = await Promise.all(Array.from({ length: 5 }, () => policyOf(shop)));
  expect(new Set(policies)).toEqual(new Set(["max-age=30, public"]));
  expect(shop.products.received.length).toBeLessThan(5);
});

test("a batch may be kept as long as each of its operations", async () => {
  const shop = await openShop();
  say(shop, "max-age=60", "max-age=30");
  const policyOfAll = async (...queries: string[]) => {
    const response = await fetch(`${shop.router.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(queries.map((query) => ({ query }))),
    });
    return response.headers.get("cache-control");
  };
  expect(await policyOfAll("{ top { name } }", both)).toBe("max-age=30, public");
  expect(await policyOfAll(both, "{ top { name } fails }")).toBe("no-store");
  say(shop, "max-age=60", null);
  expect(await policyOfAll(both, "{ top { name } }")).toBe("no-store");
});

test("an answer that comes with a cookie is not kept", async () => {
  const shop = await openShop();
  say(shop, "max-age=60", "max-age=60");
  shop.products.says = { ...shop.products.says, "set-cookie": "seen=1" };
  const { headers } = await shop.ask(both);
  expect([headers.get("set-cookie"), headers.get("cache-control")]).toEqual(["seen=1", "no-store"]);
});
