/** Requests of tenants, users and unknown clients are limited, and clients are told how far they are. */
import { startTestRedis, type TestRedis } from "@tessera/database/testing";
import type { Actor } from "@tessera/shared-types";
import { createTelemetry } from "@tessera/telemetry";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { networkOf } from "../../src/protection/client-network.js";
import { createMemoryWindows } from "../../src/protection/memory-windows.js";
import {
  createRateLimiter,
  type RateLimiter,
  type RateLimitOptions,
  type RateSubject,
  type RateVerdict,
  rateLimitError,
  rateLimitHeaders,
} from "../../src/protection/rate-limiter.js";

vi.mock("../../src/protection/patient-windows.js", async () => (await import("./patience.js")).patientWindows());

const logged: string[] = [];
const { log } = createTelemetry({ service: "test", destination: { write: (line) => void logged.push(line) } });

const noon = Date.UTC(2026, 0, 5, 12, 0, 1);

const person = (id: string, tenantId = "acme", tier?: string): RateSubject => {
  const attributes = tier === undefined ? {} : { tier: [tier] };
  const actor: Actor = { kind: "user", id, tenantId, scopes: new Set(), roles: [], attributes };
  return { actor };
};

function limiter(options: RateLimitOptions = {}, now = () => noon) {
  const made = createRateLimiter(options, { log, store: createMemoryWindows({ now }) });
  const take = (subject: RateSubject) => made.take(subject) as RateVerdict;
  /** How many of `tries` requests are allowed. */
  const allowed = (subject: RateSubject, tries: number) =>
    Array.from({ length: tries }, () => take(subject).isAllowed).filter(Boolean).length;
  return { take, allowed };
}

describe("a tier", () => {
  test.each([
    ["free", 100],
    ["pro", 1_000],
    ["Enterprise", 10_000],
    ["no such tier", 100],
    [undefined, 100],
  ])("%s lets %i requests an hour through", (tier, most) => {
    const { allowed } = limiter({ perUserPerMinute: 100_000 });
    expect(allowed(person("ada", "acme", tier), most + 10)).toBe(most);
  });

  test("counts all users of a tenant together, and no other tenant's", () => {
    const { allowed } = limiter();
    expect(allowed(person("ada"), 60)).toBe(60);
    expect(allowed(person("bob"), 60)).toBe(40);
    expect(allowed(person("eve", "other"), 60)).toBe(60);
  });

  test("may be another, named by another attribute, with limits by the minute", () => {
    const { allowed } = limiter({
      tiers: { gold: { perMinute: 7 }, base: { perHour: 3 } },
      tierFrom: "plan",
      defaultTier: "base",
    });
    const gold = person("ada", "acme");
    const actor = gold.actor && { ...gold.actor, attributes: { plan: ["GOLD"] } };
    expect(allowed({ actor }, 20)).toBe(7);
    expect(allowed(person("bob", "other", "gold"), 20)).toBe(3);
    expect(() => limiter({ tiers: { gold: {} } })).toThrow("no tier free");
  });
});

test("one user sends 1,000 requests a minute, and another one of the tenant still gets through", () => {
  const { allowed } = limiter();
  expect(allowed(person("ada", "acme", "enterprise"), 1_100)).toBe(1_000);
  expect(allowed(person("bob", "acme", "enterprise"), 10)).toBe(10);
});

test("who says nothing about itself is counted by address", () => {
  const { allowed } = limiter({ anonymous: { perMinute: 5 } });
  expect(allowed({ actor: null, clientAddress: "192.0.2.1" }, 10)).toBe(5);
  expect(allowed({ actor: null, clientAddress: "192.0.2.2" }, 10)).toBe(5);
  expect(allowed({ actor: null, clientAddress: "2001:db8::1" }, 10)).toBe(5);
  expect(allowed({ actor: null, clientAddress: "2001:db8:0:0:ffff::2" }, 10)).toBe(0);
  expect(allowed(person("ada"), 10)).toBe(10);
});

test.each([
  ["192.0.2.1", "192.0.2.1"],
  ["::ffff:192.0.2.1", "192.0.2.1"],
  ["2001:DB8:0001:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:db8::5", "2001:db8:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  [undefined, "unknown"],
])("the client %s counts as %s", (address, network) => {
  expect(networkOf(address)).toBe(network);
});

describe("what the client is told", () => {
  test("is the limit that is nearest, what is left of it, and when it is whole again", () => {
    const now = Date.now();
    const { take } = limiter({ perUserPerMinute: 5 }, () => now);
    const headers = rateLimitHeaders(take(person("ada")));
    expect(headers).toMatchObject({ "x-ratelimit-limit": "5", "x-ratelimit-remaining": "4" });
    expect(Number(headers["x-ratelimit-reset"])).toBeGreaterThan(now / 1_000);
    expect(Number(headers["x-ratelimit-reset"])).toBeLessThanOrEqual(now / 1_000 + 121);
    expect(headers["retry-after"]).toBeUndefined();
  });

  test("when refused is when to come again, and then it is let through", () => {
    let now = Date.now();
    const { take } = limiter({ perUserPerMinute: 2 }, () => now);
    expect(rateLimitError(take(person("ada")))).toBeNull();
    take(person("ada"));
    const refused = take(person("ada"));
    const error = rateLimitError(refused);
    expect(error?.headers).toEqual(rateLimitHeaders(refused));
    expect(error?.headers).toMatchObject({ "x-ratelimit-limit": "2", "x-ratelimit-remaining": "0" });
    expect(error).toMatchObject({ code: "RATE_LIMITED", status: 429 });
    const seconds = Number(rateLimitHeaders(refused)["retry-after"]);
    expect(seconds).toBeGreaterThan(0);
    expect(error?.extensions.details).toEqual({ limit: 2, windowSeconds: 60, retryAfterSeconds: seconds });
    now += seconds * 1_000;
    expect(take(person("ada")).isAllowed).toBe(true);
  });

  test("is nothing where no rule applies", () => {
    const { take } = limiter({ tiers: { free: {} }, anonymous: {} });
    const verdict = take({ actor: null });
    expect(verdict).toEqual({ isAllowed: true, rule: null });
    expect(rateLimitHeaders(verdict)).toEqual({});
  });
});

test("in memory a verdict needs no promise", () => {
  expect(createRateLimiter({}, { log }).take({ actor: null })).not.toBeInstanceOf(Promise);
});

test("a shared store needs an address", () => {
  expect(() => createRateLimiter({ store: "redis" }, { log })).toThrow("url");
});

describe("with Redis", () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startTestRedis({ own: true });
  });
  afterAll(() => redis.close());

  /** They connect in the background; until then everybody passes. */
  const counting = (router: RateLimiter) =>
    expect.poll(async () => (await router.take(person("somebody", "else"))).rule).not.toBeNull();

  test("several routers count together", async () => {
    const options = { store: "redis", url: redis.url, perUserPerMinute: 10 } as const;
    const routers = [createRateLimiter(options, { log }), createRateLimiter(options, { log })];
    await Promise.all(routers.map(counting));
    const verdicts = await Promise.all(Array.from({ length: 20 }, (_, n) => routers[n % 2]?.take(person("ada"))));
    expect(verdicts.filter((verdict) => verdict?.isAllowed)).toHaveLength(10);
    await Promise.all(routers.map((router) => router.close()));
  });

  test("that is away everybody passes and the log says so once, or nobody does where that is asked for", async () => {
    const away = { store: "redis", url: "redis://127.0.0.1:1", perUserPerMinute: 1 } as const;
    logged.length = 0;
    const open = createRateLimiter(away, { log });
    const closed = createRateLimiter({ ...away, failOpen: false }, { log });
    for (let n = 0; n < 3; n++) expect(await open.take(person("ada"))).toEqual({ isAllowed: true, rule: null });
    expect(logged.filter((line) => line.includes("does not answer"))).toHaveLength(1);
    await expect(closed.take(person("ada"))).rejects.toMatchObject({ code: "RATE_LIMIT_UNAVAILABLE", status: 503 });
    await Promise.all([open.close(), closed.close()]);
  });

  test("that comes back counts again", async () => {
    const router = createRateLimiter({ store: "redis", url: redis.url, perUserPerMinute: 1 }, { log });
    await counting(router);
    const bob = person("bob", "other");
    expect((await router.take(bob)).isAllowed).toBe(true);
    expect((await router.take(bob)).isAllowed).toBe(false);
    await redis.restart();
    await expect.poll(async () => (await router.take(bob)).isAllowed, { timeout: 15_000 }).toBe(false);
    await router.close();
  });
});
