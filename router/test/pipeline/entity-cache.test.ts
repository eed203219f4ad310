import { startTestRedis } from "@tessera/database/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EntityCacheOptions } from "../../src/caching/open-entity-cache.js";
import type { HeaderRules } from "../../src/index.js";
import { asUser, openShop, type Shop } from "./shop.js";

let redis: Awaited<ReturnType<typeof startTestRedis>>;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.close());

const greetings = "{ top(first: 2) { greeting } }";
const forwarding: HeaderRules = {
  request: [{ propagate: { named: "authorization" } }, { propagate: { named: "accept-language" } }],
};

const greetingsIn = async ({ ask }: Shop, headers: Record<string, string> = {}): Promise<string[]> =>
  ((await ask(greetings, headers)).data.top as unknown as { greeting: string }[]).map(({ greeting }) => greeting);

describe.each(["memory", "redis"])("entities kept in %s", (kind) => {
  async function open(rule: EntityCacheOptions["subgraphs"][string], headers = forwarding): Promise<Shop> {
    const store = kind === "redis" ? { redisUrl: redis.url } : {};
    const shop = await openShop({ entityCache: { subgraphs: { reviews: rule }, ...store }, remote: { headers } });
    await shop.router.invalidateEntities("reviews", null);
    await shop.router.invalidateEntities("reviews", "t1");
    return shop;
  }

  test("are not asked for again, until they are said to have changed", async () => {
    const shop = await open({ ttlSeconds: 60 });
    const first = await greetingsIn(shop, asUser);
    expect(await greetingsIn(shop, asUser)).toEqual(first);
    expect(shop.reviews.received).toHaveLength(1);
    await shop.router.invalidateEntities("reviews", "t2");
    await greetingsIn(shop, asUser);
    expect(shop.reviews.received).toHaveLength(1);
    await shop.router.invalidateEntities("reviews", "t1");
    await greetingsIn(shop, asUser);
    expect(shop.reviews.received).toHaveLength(2);
  });

  test.each([
    ["they are asked for with the token", forwarding],
    ["the subgraph is not told who asks", { request: [] }],
  ])("are never shown to anybody else when they are private: %s", async (_, headers) => {
    const shop = await open({ ttlSeconds: 60 }, headers);
    const people = ["ada", "bob", "ada/t2"].map((token) => ({ authorization: `Bearer ${token}` }));
    for (const person of people) await greetingsIn(shop, person);
    expect(shop.reviews.received).toHaveLength(3);
    for (const person of people) {
      const shown = headers === forwarding ? `1 * ${person.authorization}` : "1 - nobody";
      expect((await greetingsIn(shop, person))[0]).toBe(shown);
    }
    expect(shop.reviews.received).toHaveLength(3);
    await greetingsIn(shop);
    expect(shop.reviews.received).toHaveLength(4);
  });

  test.each(["private", "public"] as const)("are kept apart by the headers that are forwarded: %s", async (scope) => {
    const shop = await open({ ttlSeconds: 60, scope });
    const inGerman = await greetingsIn(shop, { "accept-language": "de" });
    expect(inGerman).toEqual(["1 de nobody", "2 de nobody"]);
    expect(await greetingsIn(shop, { "accept-language": "nb" })).toEqual(["1 nb nobody", "2 nb nobody"]);
    expect(await greetingsIn(shop, { "accept-language": "de" })).toEqual(inGerman);
    expect(shop.reviews.received).toHaveLength(2);
  });

  test("are one for everybody when they are public, whoever's token is forwarded", async () => {
    const shop = await open({ ttlSeconds: 60, scope: "public" });
    await greetingsIn(shop, asUser);
    await greetingsIn(shop, { authorization: "Bearer bob" });
    expect(shop.reviews.received).toHaveLength(1);
  });

  test("are kept as long as the subgraph says, and count with what is left of that", async () => {
    const shop = await open({});
    shop.products.says = { "cache-control": "max-age=600" };
    await greetingsIn(shop);
    await greetingsIn(shop);
    expect(shop.reviews.received).toHaveLength(2);
    shop.reviews.says = { "cache-control": "max-age=60, public" };
    expect((await shop.ask(greetings)).headers.get("cache-control")).toBe("max-age=60, public");
    const kept = await shop.ask(greetings);
    expect(shop.reviews.received).toHaveLength(3);
    const [, seconds, scope] = /^max-age=(\d+), (\w+)$/.exec(kept.headers.get("cache-control") ?? "") ?? [];
    expect(Number(seconds)).toBeLessThanOrEqual(60);
    expect(scope).toBe("private");
  });
});
